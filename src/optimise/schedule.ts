import type { Json } from '../task/contract.ts';

/** How the learning rate goes over a training. */
export interface Schedule {
  /** Its name in files, as `constant`. */
  readonly kind: string;
  /** For the checkpoint, and to compare with it on resume. */
  readonly config: Json;
  /** Gives the factor of the base rate for update `step` (from 0) of `steps`. */
  factor(step: number, steps: number): number;
  /** Follows the evaluations of one training of these tasks; absent where the rate depends on the step alone. */
  follow?(tasks: readonly JudgedTask[]): ScheduleFollower;
}

/** The metric that a task is judged by. */
export interface JudgedTask {
  readonly name: string;
  /** Its name among the task's metrics on the validation split. */
  readonly metric: string;
  readonly higherIsBetter: boolean;
}

/** What a schedule makes of the evaluations so far. A training asks it after each of them; its state is in the checkpoint. */
export interface ScheduleFollower {
  /** Takes the metrics of an evaluation, by task and metric. */
  observe(metrics: Readonly<Record<string, Readonly<Record<string, number>>>>): void;
  /** The factor of the trunk's learning rate, beside that of `Schedule.factor`. */
  readonly trunk: number;
  /** The same for each task's own stem and head, in the order of the tasks; undefined: all have the trunk's. */
  readonly tasks: readonly number[] | undefined;
  state(): Json;
  /** @param state what `state()` gave. */
  restore(state: Json): void;
}
