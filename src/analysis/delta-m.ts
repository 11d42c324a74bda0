import { BanyanError } from '../error.ts';

/** A task's metric when it is trained alone and when it is trained jointly. */
export interface TaskComparison {
  /** The metric of the task trained alone. */
  readonly baseline: number;
  /** The metric of the task trained jointly. */
  readonly multiTask: number;
  readonly higherIsBetter: boolean;
}

/**
 * Computes delta-m (Maninis et al. 2019, "Attentive single-tasking of multiple tasks", equation 4): the mean relative change against
 * single-task training, in per cent. Positive means that training jointly is better.
 * @throws BanyanError `argument` for no task, and for a baseline that is 0 or not finite.
 */
export function deltaM(tasks: readonly TaskComparison[]): number {
  if (tasks.length === 0) {
    throw new BanyanError('argument', 'deltaM: expected at least one task, received none. Give the tasks to compare.');
  }
  const changes = tasks.map(({ baseline, multiTask, higherIsBetter }) => {
    if (!Number.isFinite(baseline) || baseline === 0 || !Number.isFinite(multiTask)) {
      throw new BanyanError(
        'argument',
        `deltaM: a relative change needs finite metrics and a baseline other than 0, received ${baseline} and ${multiTask}. Leave the task out, or choose another metric.`,
      );
    }
    return ((higherIsBetter ? 1 : -1) * (multiTask - baseline)) / Math.abs(baseline);
  });
  return (100 * changes.reduce((a, b) => a + b)) / changes.length;
}
