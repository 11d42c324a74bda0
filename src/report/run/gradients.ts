import type { GradientComparison, TrainingEvent } from '../../train/events.ts';
import { eventsOf } from './series.ts';

/** It compares the tasks' gradients in one step. */
export interface Comparison extends GradientComparison {
  readonly step: number;
  /** The comparisons are given by block: `column-0/block-1`. */
  readonly blocks: Readonly<Record<string, GradientComparison>>;
}

/** A pair is two tasks, by their numbers. */
export type Pair = readonly [task: number, other: number];

/** Collects what a training tells of its tasks' gradients: the comparisons that were asked for, else what the balancing method saw. */
export function comparisonsOf(events: readonly TrainingEvent[]): readonly Comparison[] {
  const steps = eventsOf(events, 'step');
  const compared = steps.flatMap(({ step, gradients }) => (gradients === undefined ? [] : [{ step, ...gradients }]));
  const seen = steps.flatMap(({ step, balance }) =>
    balance?.norms === undefined || balance.cosines === undefined
      ? []
      : [{ step, norms: balance.norms, cosines: balance.cosines, blocks: {} }],
  );
  // JSON has no number for a norm that is too large for one.
  return (compared.length > 0 ? compared : seen).filter(({ norms }) => Object.values(norms).every(Number.isFinite));
}

/** Lists all pairs of so many tasks. */
export const pairsOf = (tasks: number): readonly Pair[] =>
  Array.from({ length: tasks }, (_, task) => task).flatMap((task) =>
    Array.from({ length: tasks - task - 1 }, (_, i): Pair => [task, task + 1 + i]),
  );

/** Reads the cosine of two tasks; undefined where one of them has no gradient, as in a batch without its labels. */
export function cosineOf({ norms, cosines }: GradientComparison, [task, other]: Pair): number | undefined {
  const lengths = Object.values(norms);
  const cosine = cosines[task]?.[other];
  const both = lengths[task]! > 0 && lengths[other]! > 0;
  return both && typeof cosine === 'number' && Number.isFinite(cosine) ? cosine : undefined;
}

/** Takes the mean cosine of two tasks over the steps in which both have a gradient. */
export function meanCosine(comparisons: readonly GradientComparison[], pair: Pair): number | undefined {
  const cosines = comparisons.flatMap((comparison) => cosineOf(comparison, pair) ?? []);
  return cosines.length === 0 ? undefined : cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length;
}
