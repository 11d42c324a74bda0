import type { Metrics } from '../evaluate/index.ts';

export type { Metrics } from '../evaluate/index.ts';

/** The first event of a training, also of a resumed one. */
export interface StartEvent {
  readonly kind: 'start';
  /** The number of updates that were made before: 0, or that of a resumed training. */
  readonly step: number;
  /** The step at which the training ends. */
  readonly steps: number;
  /** The names of the tasks that are trained. */
  readonly tasks: readonly string[];
}

/** What a balancing method did in a step. */
export interface BalanceReport {
  /** The factors of the tasks' gradients, by task. A task that takes no part, without a label in the step or without a weight, has none. */
  readonly weights: Readonly<Record<string, number>>;
  /** The norms of the tasks' gradients over what the method covers, by task, where it looks at them; 0 for a task that takes no part. */
  readonly norms?: Readonly<Record<string, number>>;
  /** The cosines between the gradients, `[tasks, tasks]` in the order of the tasks; 0 where one of the two gradients is 0. */
  readonly cosines?: readonly (readonly number[])[];
}

/** How long the tasks' gradients are, and how far they point the same way. */
export interface GradientComparison {
  /** The norms of the gradients, by task. */
  readonly norms: Readonly<Record<string, number>>;
  /** The cosines between the gradients, `[tasks, tasks]` in the order of the tasks; 0 where one of the two gradients is 0. */
  readonly cosines: readonly (readonly number[])[];
}

/**
 * The gradients of the tasks' losses (times the tasks' weights, before any balancing) over the column that is trained; each with its
 * share of the blocks' own losses, see `Call.also`.
 */
export interface GradientReport extends GradientComparison {
  /** The same for each part of the column alone, by its name: `column-0/block-1`. */
  readonly blocks: Readonly<Record<string, GradientComparison>>;
}

/** One optimiser update was made. */
export interface StepEvent {
  readonly kind: 'step';
  /** The number of this update, from 1. */
  readonly step: number;
  /** The step at which the training ends. */
  readonly steps: number;
  /** The names of the tasks that took part, where a sampler drew them or one was stopped. Absent: all. */
  readonly drawn?: readonly string[];
  /** The mean loss over a task's labelled examples of this step, before its weight, by task. A task without a label, or one that took no part, has no entry. */
  readonly losses: Readonly<Partial<Record<string, number>>>;
  /** The number of examples that had a label, by task that took part: the weight of the step's loss in a mean over several steps. */
  readonly labelled: Readonly<Record<string, number>>;
  /** The optimiser's learning rate times the schedule's factor, before the tasks' own factors. */
  readonly learningRate: number;
  /**
   * The same for each task's own stem and head, by task, where the schedule gives them rates of their own; `learningRate` is then the
   * trunk's.
   */
  readonly learningRates?: Readonly<Record<string, number>>;
  /** The global norm of the gradient before clipping. */
  readonly gradientNorm: number;
  /**
   * The sum over the step's passes of what their blocks give `Call.also`, such as how unevenly experts are used; it is part of the
   * objective beside `losses`. Absent where no block gives any.
   */
  readonly auxiliary?: number;
  /** What the balancing method did; absent for equal weights. */
  readonly balance?: BalanceReport;
  /** The tasks' gradients at the weights before the update, in a step in which `compareGradientsEvery` compares them. */
  readonly gradients?: GradientReport;
  /** The wall-clock time since the step before: reading and update, without profile, evaluation and checkpoint. */
  readonly milliseconds: number;
}

/** Metrics on the validation split were computed. */
export interface EvaluationEvent {
  readonly kind: 'evaluation';
  /** The number of updates that were made before. */
  readonly step: number;
  readonly metrics: Metrics;
  /** The wall-clock time that it took. */
  readonly milliseconds: number;
}

/** A checkpoint was written, whole. */
export interface CheckpointEvent {
  readonly kind: 'checkpoint';
  /** The number of updates after which it was written. */
  readonly step: number;
  /** The folder of this checkpoint. */
  readonly path: string;
}

/** The last event of a training that ends without an error. */
export interface EndEvent {
  readonly kind: 'end';
  /** The number of updates that were made. */
  readonly step: number;
  /** `steps`: all steps were done; `stopped`: the `stop` rule or the `signal` ended it before. */
  readonly reason: 'steps' | 'stopped';
}

/** What a training tells: a `start`, then steps, evaluations and checkpoints, at last an `end`. */
export type TrainingEvent = StartEvent | StepEvent | EvaluationEvent | CheckpointEvent | EndEvent;
