import { type Mark, marked } from './mark.ts';
import { isBetter, type Yardstick } from './yardstick.ts';

/** How long an improvement is waited for. */
export interface PatienceRule {
  /** Evaluations in a row without an improvement after which it is over. */
  readonly patience: number;
  /** An improvement is one by more than this. */
  readonly minDelta: number;
  /** It is not over before so many updates. */
  readonly from: number;
}

/** What has been waited for so far. */
export interface Waiting extends Mark {
  /** The value that the next improvement is measured from; behind the best by `minDelta` at most. */
  readonly reference: number;
  /** Evaluations since the last improvement. */
  readonly waited: number;
}

/**
 * Waits for one evaluation. Steps that are each smaller than `minDelta` add up to an improvement, and the best is the best however small
 * the step was. Before the first value that is a number nothing is waited for.
 */
export function waitFor(
  yardstick: Yardstick,
  { minDelta }: Pick<PatienceRule, 'minDelta'>,
  before: Waiting | undefined,
  value: number,
  step: number,
): Waiting | undefined {
  const mark = marked(yardstick, before, value, step);
  if (mark === undefined) return undefined;
  if (before === undefined) return { ...mark, reference: value, waited: 0 };
  return Number.isFinite(value) && isBetter(yardstick, value, before.reference, minDelta)
    ? { ...mark, reference: value, waited: 0 }
    : { ...mark, reference: before.reference, waited: before.waited + 1 };
}

/** Whether patience has come to its end. */
export const isOver = (
  { patience, from }: Pick<PatienceRule, 'patience' | 'from'>,
  waiting: Waiting | undefined,
  step: number,
): boolean => waiting !== undefined && waiting.waited >= patience && step >= from;
