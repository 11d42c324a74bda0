import type { Metrics } from '../events.ts';
import { distanceOf, type Mark, marked } from './mark.ts';
import type { Yardstick } from './yardstick.ts';

/** Which evaluation was the best of a training so far. */
export interface Selection {
  /** What each task has reached, by its name. */
  readonly marks: Readonly<Record<string, Mark>>;
  /** The best evaluation; absent before the first in which all tasks have a number. */
  readonly best?: {
    /** The number of updates that were made before it. */
    readonly step: number;
    /** What the tasks had in it, by their names. */
    readonly values: Readonly<Record<string, number>>;
  };
}

/** The selection before the first evaluation. */
export const NONE_SELECTED: Selection = { marks: {} };

/**
 * Compares one more evaluation with the best one so far: the better is that with the smaller mean of the tasks' distances, each from its
 * task's own best so far (`distanceOf`). Both are held against the same bests, those by now. Of equal ones the earlier stays. An evaluation
 * in which a task has no number is never the best.
 */
export function select(
  yardsticks: readonly Yardstick[],
  { marks: before, best }: Selection,
  metrics: Metrics,
  step: number,
): Selection {
  const values = Object.fromEntries(
    yardsticks.map(({ task, metric }) => [task, metrics[task]?.[metric] ?? Number.NaN]),
  );
  const marks = Object.fromEntries(
    yardsticks.flatMap((yardstick) => {
      const mark = marked(yardstick, before[yardstick.task], values[yardstick.task]!, step);
      return mark === undefined ? [] : [[yardstick.task, mark] as const];
    }),
  );
  if (!Object.values(values).every(Number.isFinite)) return { marks, ...(best === undefined ? {} : { best }) };
  const isBest =
    best === undefined || meanDistance(yardsticks, marks, values) < meanDistance(yardsticks, marks, best.values);
  return { marks, best: isBest ? { step, values } : best };
}

/** The mean over the tasks of how far they are from their own bests. */
export const meanDistance = (
  yardsticks: readonly Yardstick[],
  marks: Selection['marks'],
  values: Readonly<Record<string, number>>,
): number =>
  yardsticks.reduce(
    (sum, yardstick) => sum + distanceOf(yardstick, marks[yardstick.task]!, values[yardstick.task]!),
    0,
  ) / yardsticks.length;
