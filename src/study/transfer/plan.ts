import type { CheckedExperiment } from '../../experiment/load.ts';
import type { Method, TransferData } from '../../experiment/schema.ts';

/** One training of a target. */
export interface Run {
  readonly seed: number;
  /** Name of the tasks trained before; absent from scratch. */
  readonly source?: string;
  readonly target: string;
  /** Part of the target's training examples. */
  readonly share: number;
  readonly method: Method;
}

/** A transfer experiment, its defaults filled in. */
export interface TransferPlan {
  readonly data: TransferData;
  readonly seeds: readonly number[];
  /** By name. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
  /** The outermost loop is over the seeds: a measurement that is cut short holds whole repetitions. */
  readonly runs: readonly Run[];
}

export const sourceName = (tasks: readonly string[]): string => tasks.join('+');

/** What to do, in order. A target is left out for a source that contains it; from scratch it is trained once for all sources. */
export function planTransfer({ tasks, seed: first }: CheckedExperiment, data: TransferData): TransferPlan {
  const { targets, examples, methods } = data;
  const sources = new Map((data.sources ?? [Object.keys(tasks)]).map((names) => [sourceName(names), names]));
  const seeds = Array.from({ length: data.seeds }, (_, i) => first + i);
  const fits = (target: string) => [...sources].filter(([, names]) => !names.includes(target)).map(([name]) => name);
  const runs = seeds.flatMap((seed) =>
    targets.flatMap((target) =>
      examples.flatMap((share) =>
        methods.flatMap((method): Run[] => {
          const own = fits(target);
          if (own.length === 0) return [];
          return method === 'scratch'
            ? [{ seed, target, share, method }]
            : own.map((source) => ({ seed, source, target, share, method }));
        }),
      ),
    ),
  );
  return { data, seeds, sources, runs };
}

/** Equal for equal runs. */
export const keyOf = ({ seed, source = '', target, share, method }: Run): string =>
  JSON.stringify([seed, source, target, share, method]);

export const shareText = (share: number): string => `${Number((100 * share).toPrecision(4))} %`;

/** `seed 2 · TARGET 10 % · progressive after SOURCE`. */
export const runText = ({ seed, source, target, share, method }: Run): string =>
  `seed ${seed} · ${target} ${shareText(share)} · ${method}${source === undefined ? '' : ` after ${source}`}`;
