/** How long a training, or a task in it, goes on without getting better. */
export interface PatienceOptions {
  /** Evaluations in a row without an improvement after which it stops, a whole number >= 1. */
  readonly patience: number;
  /** An improvement is one by more than this, in units of the metric, >= 0. Default: 0. */
  readonly minDelta?: number;
  /** It does not stop before so many steps, a whole number >= 0; what is best counts from the first evaluation. Default: 0. */
  readonly from?: number;
  /** The metric on the validation split that is judged, `loss` for the mean loss. Default: the task's first one. */
  readonly metric?: string;
}

/** How each task stops by itself. */
export interface PerTaskStop extends PatienceOptions {
  /**
   * A stopped task is still evaluated, since the trunk goes on without it. Where its metric has moved away from its best by more than this
   * part of it (`0.1`: accuracy 0.9 has become less than 0.81), that is told with a warning. > 0. Default: 0.1.
   */
  readonly drift?: number;
  /** Whether a task that has moved away so far comes back into the steps, with new patience, instead of the warning. Default: false. */
  readonly return?: boolean;
}

/**
 * When a training ends before its last step by what its evaluations show: each task by itself, where the training ends once all of them
 * have stopped; or all of it by one task. It needs `evaluateEvery`.
 */
export type StopOptions = { readonly perTask: PerTaskStop } | (PatienceOptions & { readonly task: string });

/**
 * By what the best weights are chosen among those that were evaluated. It needs `evaluateEvery`.
 */
export interface BestOptions {
  /**
   * The task whose metric decides. Default: all tasks, by the mean of how far each is from its own best so far, relative to the size of its
   * metric.
   */
  readonly task?: string;
  /** The metric on the validation split that is judged, `loss` for the mean loss. Default: each task's first one. */
  readonly metric?: string;
}
