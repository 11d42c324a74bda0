import type { CheckedExperiment } from '../../experiment/load.ts';
import type { Method, TransferData } from '../../experiment/schema.ts';
import type { StudyRun } from '../study.ts';

/** One training of a target, as its record in the folder says it. */
export interface Training {
  readonly seed: number;
  /** The name of the tasks trained before; absent from scratch. */
  readonly source?: string;
  readonly target: string;
  /** The part of the target's training examples that it is trained on, from 0 to 1. */
  readonly share: number;
  readonly method: Method;
}

/** One run of a transfer experiment. */
export interface TransferRun extends StudyRun {
  readonly training: Training;
}

/** A transfer experiment, its defaults filled in. */
export interface TransferPlan {
  readonly data: TransferData;
  readonly seeds: readonly number[];
  /** The tasks of each source, by its name. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
  /** The outermost loop is over the seeds: a measurement that is cut short holds whole repetitions. */
  readonly runs: readonly TransferRun[];
}

const sourceName = (tasks: readonly string[]): string => tasks.join('+');

/** Plans the runs, in order. A target is left out for a source that contains it; from scratch it is trained once for all sources. */
export function planTransfer({ tasks, seed: first }: CheckedExperiment, data: TransferData): TransferPlan {
  const { targets, examples, methods } = data;
  const sources = new Map((data.sources ?? [Object.keys(tasks)]).map((names) => [sourceName(names), names]));
  const seeds = Array.from({ length: data.seeds }, (_, i) => first + i);
  const fits = (target: string) => [...sources].filter(([, names]) => !names.includes(target)).map(([name]) => name);
  const trainings = seeds.flatMap((seed) =>
    targets.flatMap((target) =>
      examples.flatMap((share) =>
        methods.flatMap((method): Training[] => {
          const fitting = fits(target);
          if (fitting.length === 0) return [];
          return method === 'scratch'
            ? [{ seed, target, share, method }]
            : fitting.map((source) => ({ seed, source, target, share, method }));
        }),
      ),
    ),
  );
  const runs = trainings.map((training) => ({ name: keyOf(training), title: titleOf(training), training }));
  return { data, seeds, sources, runs };
}

/** Names a training: two that are equal have the same key. */
export const keyOf = ({ seed, source = '', target, share, method }: Training): string =>
  JSON.stringify([seed, source, target, share, method]);

export const shareText = (share: number): string => `${Number((100 * share).toPrecision(4))} %`;

/** Says a training for people: `seed 2 · TARGET 10 % · progressive after SOURCE`. */
const titleOf = ({ seed, source, target, share, method }: Training): string =>
  `seed ${seed} · ${target} ${shareText(share)} · ${method}${source === undefined ? '' : ` after ${source}`}`;
