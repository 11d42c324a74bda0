import { isBetter, type Yardstick } from './yardstick.ts';

/** What a task has reached by its yardstick. */
export interface Mark {
  /** The first value that was measured. */
  readonly first: number;
  readonly best: number;
  /** The number of updates at which it was best. */
  readonly step: number;
}

/** Gives the mark after one more value. A value that is no number changes nothing. */
export function marked<Before extends Mark | undefined>(
  yardstick: Yardstick,
  mark: Before,
  value: number,
  step: number,
): Before | Mark {
  if (!Number.isFinite(value)) return mark;
  if (mark === undefined) return { first: value, best: value, step };
  return isBetter(yardstick, value, mark.best) ? { ...mark, best: value, step } : mark;
}

/**
 * Says how far a value is from a task's best one, relative to the size that the metric has there: |best - value| over the larger of |best|
 * and |first|; below 0 for a value that is better, 0 where it is the best.
 *
 * Of an accuracy this is the part of the best that is lost. Relative to the best alone, an error that falls from 2 to 0.01 and rises to 0.02
 * would have doubled, which would drown every other task; and a metric whose best is 0, or that has both signs (R², the return of a game, a
 * log-likelihood), would have no distance or a wrong one. Where first and best are both 0, whatever is worse is 1 away.
 */
export function distanceOf({ higherIsBetter }: Yardstick, { first, best }: Mark, value: number): number {
  const lost = higherIsBetter ? best - value : value - best;
  const size = Math.max(Math.abs(first), Math.abs(best));
  return size === 0 ? Math.sign(lost) : lost / size;
}
