import { deltaM } from '../../analysis/index.ts';
import { BanyanError } from '../../error.ts';
import type { SearchData } from '../../experiment/schema.ts';
import { internals, type Network } from '../../network/index.ts';
import type { Metrics } from '../../train/index.ts';

/** A figure that is to become good. */
export interface Objective {
  readonly name: string;
  readonly higherIsBetter: boolean;
}

/** What a search is judged by. */
export interface Objectives {
  readonly list: readonly Objective[];
  /** The tasks that are trained alone before, to compare with. */
  readonly baselines: readonly string[];
  /**
   * Computes the objectives from metrics on the validation split. @param alone the metrics of each task alone, by its name.
   * @throws BanyanError `diverged` where one of them is no finite number.
   */
  valuesOf(metrics: Metrics, alone: Metrics): readonly number[];
}

/**
 * Makes what a search is judged by, from the first metric of each task's head.
 * @throws BanyanError `experiment` for a task that has none, or has no validation split.
 */
export function objectivesOf({ objectives: kind }: SearchData, network: Network, place: string): Objectives {
  const all = kind === 'each' || kind === 'relative';
  const tasks = internals(network)
    .body.tasks.filter(({ name }) => all || name === kind)
    .map(({ name, head, definition }) => {
      const [first] = head.metrics;
      const lacks =
        first === undefined ? 'no metric' : definition.source.counts.validation > 0 ? undefined : 'no validation split';
      if (first === undefined || lacks !== undefined) {
        throw new BanyanError(
          'experiment',
          `${place}: task "${name}" has ${lacks}, expected one, since a search judges by it. Give its head a metric and its source a validation split, or name another task in search.objectives.`,
        );
      }
      return { task: name, metric: first.name, higherIsBetter: first.higherIsBetter !== false };
    });
  const read = (metrics: Metrics, { task, metric }: (typeof tasks)[number]) =>
    finite(metrics[task]?.[metric], `${task} ${metric}`);
  if (kind === 'relative') {
    return {
      list: [{ name: 'delta-m %', higherIsBetter: true }],
      baselines: tasks.map(({ task }) => task),
      valuesOf: (metrics, alone) => [
        deltaM(
          tasks.map((task) => ({
            baseline: read(alone, task),
            multiTask: read(metrics, task),
            higherIsBetter: task.higherIsBetter,
          })),
        ),
      ],
    };
  }
  return {
    list: tasks.map(({ task, metric, higherIsBetter }) => ({ name: `${task} ${metric}`, higherIsBetter })),
    baselines: [],
    valuesOf: (metrics) => tasks.map((task) => read(metrics, task)),
  };
}

function finite(value: number | undefined, name: string): number {
  if (value !== undefined && Number.isFinite(value)) return value;
  throw new BanyanError(
    'diverged',
    `${name} is ${value ?? 'missing'} on the validation split, expected a finite number. Leave out what makes it so.`,
  );
}
