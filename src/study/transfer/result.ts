import {
  type CurvePoint,
  type Interval,
  meanInterval,
  type TransferMatrix,
  transferMatrix,
  transferScore,
} from '../../analysis/index.ts';
import type { Method } from '../../experiment/schema.ts';
import { keyOf, type TransferPlan } from './plan.ts';
import type { TransferRecord } from './records.ts';

/** What one method reached on one target, over the seeds. */
export interface TransferRow {
  readonly target: string;
  readonly method: Method;
  readonly metric: string;
  readonly test: Interval;
  /** The area under the learning curve relative to scratch, by seed; absent where nothing was trained from scratch. */
  readonly score?: Interval;
  /** Absent where no trained source is in the network. */
  readonly forgetting?: Forgetting;
  /** The mean learning curve of the seeds. */
  readonly curve: readonly CurvePoint[];
  /** Seconds of training, mean of the seeds. */
  readonly seconds: number;
  /** How many numbers were trained. */
  readonly parameters: number;
}

/** What became of the source's tasks. */
export interface Forgetting {
  /** How much the first metric of the task that lost most fell, mean of the seeds. */
  readonly drop: number;
  /** Whether all their metrics, the loss too, are the same to the last digit in all seeds. */
  readonly equal: boolean;
}

/** One source, one share of the targets' training examples. */
export interface TransferGroup {
  readonly source: string;
  readonly share: number;
  readonly rows: readonly TransferRow[];
  /** A sentence for each target. */
  readonly findings: readonly string[];
}

/** What a transfer experiment came to. */
export interface TransferResult {
  readonly name: string;
  readonly seeds: readonly number[];
  readonly groups: readonly TransferGroup[];
  /** The mean score of the progressive column from each source to each target. */
  readonly matrices: readonly ({ readonly share: number } & TransferMatrix)[];
}

/** Sums all runs up. */
export function summariseTransfer(
  name: string,
  plan: TransferPlan,
  records: readonly TransferRecord[],
): TransferResult {
  const { data, seeds, sources } = plan;
  const byKey = new Map(records.map((record) => [keyOf(record), record]));
  const groups = data.examples.flatMap((share) =>
    [...sources].map(([source, tasks]): TransferGroup => {
      const rows = data.targets
        .filter((target) => !tasks.includes(target))
        .flatMap((target) => {
          const recordsBy = (method: Method) =>
            seeds.map((seed) => {
              const from = method === 'scratch' ? {} : { source };
              return byKey.get(keyOf({ seed, ...from, target, share, method }));
            });
          const scratch = recordsBy('scratch');
          return data.methods.map((method) => rowOf(target, method, recordsBy(method) as TransferRecord[], scratch));
        });
      return { source, share, rows, findings: findingsOf(rows) };
    }),
  );
  const matrices = data.examples.map((share) => {
    const entries = groups
      .filter((group) => group.share === share)
      .flatMap(({ source, rows }) =>
        rows.flatMap(({ target, method, score }) =>
          method === 'progressive' && score !== undefined ? [{ source, target, score: score.mean }] : [],
        ),
      );
    return { share, ...transferMatrix(entries) };
  });
  return { name, seeds, groups, matrices };
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

function rowOf(
  target: string,
  method: Method,
  runs: readonly TransferRecord[],
  scratch: readonly (TransferRecord | undefined)[],
): TransferRow {
  const [{ metric, parameters, curve }] = runs as [TransferRecord];
  const scores = runs.flatMap((run, i) =>
    scratch[i] === undefined ? [] : [transferScore(run.curve, scratch[i].curve)],
  );
  const old = runs.flatMap((run) => run.old ?? []);
  return {
    target,
    method,
    metric,
    test: meanInterval(runs.map(({ test }) => test)),
    ...(scores.length === 0 ? {} : { score: meanInterval(scores) }),
    ...(old.length === 0 ? {} : { forgetting: forgettingOf(old) }),
    curve: curve.map(({ step }, i) => ({ step, value: mean(runs.map((run) => run.curve[i]!.value)) })),
    seconds: mean(runs.map(({ seconds }) => seconds)),
    parameters,
  };
}

function forgettingOf(old: readonly NonNullable<TransferRecord['old']>[]): Forgetting {
  const drops = old.map(({ before, after }) =>
    Math.max(
      ...Object.entries(before).map(([task, metrics]) => {
        const first = Object.keys(metrics)[0]!;
        return metrics[first]! - after[task]![first]!;
      }),
    ),
  );
  const equal = old.every(({ before, after }) => JSON.stringify(before) === JSON.stringify(after));
  return { drop: mean(drops), equal };
}

export const intervalText = ({ mean, halfWidth }: Interval): string => {
  const around = halfWidth === undefined ? '' : ` [${(mean - halfWidth).toFixed(3)}, ${(mean + halfWidth).toFixed(3)}]`;
  return `${mean.toFixed(3)}${around}`;
};

/** Says whether the progressive column's interval lies above 1 and above the random column's. */
function findingsOf(rows: readonly TransferRow[]): readonly string[] {
  return rows.flatMap(({ target, method, score }) => {
    if (method !== 'progressive' || score === undefined) return [];
    const random = rows.find((row) => row.target === target && row.method === 'random')?.score;
    const besides = random === undefined ? '' : `; the random column's is ${intervalText(random)}`;
    const begin = `${target}: the progressive column's transfer score is ${intervalText(score)}${besides}.`;
    if (score.halfWidth === undefined) return [`${begin} One seed has no interval.`];
    const low = score.mean - score.halfWidth;
    const verdict = (above: boolean) => (above ? 'lies above' : 'does not lie above');
    const aboveOne = `Its interval ${verdict(low > 1)} 1`;
    if (random === undefined) return [`${begin} ${aboveOne}.`];
    const high = random.mean + random.halfWidth!;
    return [`${begin} ${aboveOne} and ${verdict(low > high)} the random column's.`];
  });
}
