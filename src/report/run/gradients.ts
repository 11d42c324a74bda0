import type { GradientComparison, TrainingEvent } from '../../train/events.ts';
import { eventsOf } from './series.ts';

/** The tasks' gradients in one step. */
export interface Comparison extends GradientComparison {
  readonly step: number;
  /** By part of the column: `column-0/block-1`. */
  readonly blocks: Readonly<Record<string, GradientComparison>>;
}

/** Two tasks, by their numbers. */
export type Pair = readonly [one: number, other: number];

/** All that a training tells of its tasks' gradients: what was watched, else what the balancing method saw. */
export function comparisonsOf(events: readonly TrainingEvent[]): readonly Comparison[] {
  const steps = eventsOf(events, 'step');
  const watched = steps.flatMap(({ step, gradients }) => (gradients === undefined ? [] : [{ step, ...gradients }]));
  const seen = steps.flatMap(({ step, balance }) =>
    balance?.norms === undefined || balance.cosines === undefined
      ? []
      : [{ step, norms: balance.norms, cosines: balance.cosines, blocks: {} }],
  );
  // JSON has no number for a norm that is too large for one.
  return (watched.length > 0 ? watched : seen).filter(({ norms }) => Object.values(norms).every(Number.isFinite));
}

export const pairsOf = (tasks: number): readonly Pair[] =>
  Array.from({ length: tasks }, (_, one) => one).flatMap((one) =>
    Array.from({ length: tasks - one - 1 }, (_, more): Pair => [one, one + 1 + more]),
  );

/** Undefined where one of them has no gradient, as in a batch without its labels. */
export function cosineOf({ norms, cosines }: GradientComparison, [one, other]: Pair): number | undefined {
  const lengths = Object.values(norms);
  const cosine = cosines[one]?.[other];
  const both = lengths[one]! > 0 && lengths[other]! > 0;
  return both && typeof cosine === 'number' && Number.isFinite(cosine) ? cosine : undefined;
}

/** Over the steps in which both have a gradient. */
export function meanCosine(comparisons: readonly GradientComparison[], pair: Pair): number | undefined {
  const cosines = comparisons.flatMap((comparison) => cosineOf(comparison, pair) ?? []);
  return cosines.length === 0 ? undefined : cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length;
}
