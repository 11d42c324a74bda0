import { type Bounds, bootstrapInterval, deltaM, holm, pairedTest, paretoFront } from '../../analysis/index.ts';
import { BanyanError } from '../../error.ts';
import type { LeadingMetric, RunResult } from '../run/result.ts';
import type { Candidate, ComparisonPlan } from './plan.ts';
import type { MeasuredRun } from './run-child.ts';

/** A task's metric over the seeds. */
export interface TaskRow extends Bounds {
  /** One value for each seed. */
  readonly values: readonly number[];
  /** Corrected p-value of the difference to the first candidate; absent for that one, and for a single seed. */
  readonly p?: number;
}

/** What training together in one way reached. */
export interface CandidateRow extends Candidate {
  /** The rows by task. */
  readonly tasks: Readonly<Record<string, TaskRow>>;
  /** The mean change against the single-task runs of the same seed, in per cent. */
  readonly deltaM: TaskRow;
  /** Whether no other candidate is at least as good for every task and better for one, by their means. */
  readonly front: boolean;
  /** Seconds of training, mean of the seeds. */
  readonly seconds: number;
  /** The most memory of the process, mean of the seeds. */
  readonly peakMemoryMB: number;
}

/** What a comparison came to. */
export interface ComparisonResult {
  readonly name: string;
  readonly seeds: readonly number[];
  /** The metric that each task is judged by. */
  readonly metrics: Readonly<Record<string, LeadingMetric>>;
  /** What each task reached when it was trained by itself. */
  readonly alone: Readonly<Record<string, TaskRow & Pick<CandidateRow, 'seconds' | 'peakMemoryMB'>>>;
  readonly rows: readonly CandidateRow[];
  /** Candidates of which a run failed, with what it said; they are not in the rows. */
  readonly failed: Readonly<Record<string, string>>;
  /** What differs and what does not, in sentences. */
  readonly findings: readonly string[];
}

/** The level of significance of a difference. */
const LEVEL = 0.05;

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const spread = (values: readonly number[]): TaskRow => ({ ...bootstrapInterval(values), values });

/** Reads what a task reached in a run. @throws BanyanError `experiment` for no metric, or one that is not finite. */
export function reached({ leading, metrics }: RunResult, task: string): number {
  const metric = leading[task]?.metric;
  const value = metric === undefined ? undefined : metrics[task]?.[metric];
  if (value !== undefined && Number.isFinite(value)) return value;
  throw new BanyanError(
    'experiment',
    `compare: task "${task}" reached ${metric === undefined ? 'nothing: it has no metric' : `${metric} ${value ?? 'nothing'}: it has no held-out examples, or training went wrong`}. Expected a finite number that it can be judged by. Give its head a metric and its source a test or validation split, or leave the task out.`,
  );
}

/** Sums all runs up. `results` has them by the run's name, `failed` what failed candidates said, by the candidate's name. */
export function summariseComparison(
  name: string,
  { tasks, candidates, seeds, runs }: ComparisonPlan,
  results: ReadonlyMap<string, MeasuredRun>,
  failed: Readonly<Record<string, string>>,
): ComparisonResult {
  const resultsWhere = (test: (run: (typeof runs)[number]) => boolean) =>
    runs.filter(test).map((run) => results.get(run.name)!);
  const cost = (all: readonly MeasuredRun[]) => ({
    seconds: mean(all.map(({ seconds }) => seconds)),
    peakMemoryMB: Math.round(mean(all.map(({ peakMemoryMB }) => peakMemoryMB))),
  });
  const single = new Map(tasks.map((task) => [task, resultsWhere(({ alone }) => alone === task)]));
  const metrics = Object.fromEntries(tasks.map((task) => [task, single.get(task)![0]!.leading[task]!]));
  const baselines = new Map(tasks.map((task) => [task, single.get(task)!.map((run) => reached(run, task))]));
  const measured = candidates
    .filter(({ name }) => !(name in failed))
    .map((candidate) => {
      const all = resultsWhere((run) => run.candidate?.name === candidate.name);
      const values = new Map(tasks.map((task) => [task, all.map((run) => reached(run, task))]));
      const changes = seeds.map((_, i) =>
        deltaM(
          tasks.map((task) => ({
            baseline: baselines.get(task)![i]!,
            multiTask: values.get(task)![i]!,
            higherIsBetter: metrics[task]!.higherIsBetter,
          })),
        ),
      );
      return { candidate, values, changes, ...cost(all) };
    });
  const good = (task: string, value: number) => (metrics[task]!.higherIsBetter ? value : -value);
  const front = paretoFront(measured.map(({ values }) => tasks.map((task) => good(task, mean(values.get(task)!)))));
  const [first, ...others] = measured;
  // One family: all tests of which any is told.
  const corrected = holm(
    others.flatMap(({ values, changes }) => [
      pairedTest(changes, first!.changes),
      ...tasks.map((task) => pairedTest(values.get(task)!, first!.values.get(task)!)),
    ]),
  );
  const tested = (candidate: number, test: number) => {
    const p = corrected[(candidate - 1) * (1 + tasks.length) + test];
    return p === undefined || Number.isNaN(p) ? {} : { p };
  };
  const rows = measured.map(
    ({ candidate, values, changes, seconds, peakMemoryMB }, i): CandidateRow => ({
      ...candidate,
      tasks: Object.fromEntries(tasks.map((task, t) => [task, { ...spread(values.get(task)!), ...tested(i, 1 + t) }])),
      deltaM: { ...spread(changes), ...tested(i, 0) },
      front: front[i]!,
      seconds,
      peakMemoryMB,
    }),
  );
  const alone = Object.fromEntries(
    tasks.map((task) => [task, { ...spread(baselines.get(task)!), ...cost(single.get(task)!) }]),
  );
  return {
    name,
    seeds,
    metrics,
    alone,
    rows,
    failed,
    findings: findingsOf(rows, metrics, seeds.length),
  };
}

/** Says in sentences what differs from the first candidate, and what does not. */
function findingsOf(
  rows: readonly CandidateRow[],
  metrics: ComparisonResult['metrics'],
  seeds: number,
): readonly string[] {
  const [first, ...others] = rows;
  if (first === undefined || others.length === 0) return [];
  if (seeds === 1) return ['One seed says nothing of chance: no differences were tested.'];
  const how = `paired t-tests over ${seeds} seeds, Holm-corrected, level ${LEVEL}`;
  // A test of few seeds that is corrected for many others cannot see what anybody sees.
  const apart = others.filter(
    ({ deltaM: { p = 1, low, high } }) => p >= LEVEL && (high < first.deltaM.low || low > first.deltaM.high),
  );
  const seen = apart.map(
    ({ name, deltaM }) =>
      `Not significant in this test, but with an interval apart from ${first.name}'s: ${name}, delta-m ${deltaM.mean.toFixed(2)} beside ${first.deltaM.mean.toFixed(2)}.`,
  );
  const differing = others.flatMap(({ name, deltaM, tasks }) => {
    const parts = [
      ...(deltaM.p! < LEVEL
        ? [`delta-m ${signed(deltaM.mean - first.deltaM.mean)} points (p ${figure(deltaM.p!)})`]
        : []),
      ...Object.entries(tasks).flatMap(([task, row]) =>
        row.p! < LEVEL
          ? [`${task} ${metrics[task]!.metric} ${signed(row.mean - first.tasks[task]!.mean, 4)} (p ${figure(row.p!)})`]
          : [],
      ),
    ];
    return parts.length === 0 ? [] : [`${name} differs from ${first.name}: ${parts.join(', ')}.`];
  });
  if (differing.length > 0) {
    const rest = others.length - differing.length;
    return [
      ...differing,
      rest === 0
        ? `Tested by ${how}.`
        : `No significant difference from ${first.name} for the other ${rest} of ${others.length} (${how}).`,
      ...seen,
    ];
  }
  const none =
    others.length === 1 ? `${others[0]!.name} does not differ` : `none of the other ${others.length} differs`;
  return [`No significant difference: ${none} from ${first.name} (${how}).`, ...seen];
}

const signed = (value: number, digits = 2) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
const figure = (p: number) => (p < 0.001 ? '< 0.001' : `= ${p.toFixed(3)}`);
