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
  /**
   * The mean loss over a task's labelled examples of this step, before its weight, by task. A task without a label, or one that took
   * no part, has no entry.
   */
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
  /** Of the weights that are trained; where the optimiser averages by itself, of the weights to use. */
  readonly metrics: Metrics;
  /** Of the average of the weights, where the training makes one and has taken weights into it. */
  readonly averaged?: Metrics;
  /** How far each task that stopped by itself before is from its best; see `TaskDistance`. Absent where none has. */
  readonly distances?: Readonly<Record<string, number>>;
  /** The wall-clock time that it took. */
  readonly milliseconds: number;
}

/** An evaluation gave the best metrics so far, by which `best` chooses: its weights are kept. */
export interface BestEvent {
  readonly kind: 'best';
  /** The number of updates that made these weights. */
  readonly step: number;
  /** The metrics that decided, by task. */
  readonly metrics: Metrics;
}

/** How far a task is from its best by the metric that it is judged by. */
export interface TaskDistance {
  readonly task: string;
  readonly metric: string;
  readonly value: number;
  /** The best value that was evaluated; of a task that came back, since then. */
  readonly best: number;
  /** The number of updates at which it was reached. */
  readonly bestStep: number;
  /**
   * |best - value| relative to the larger of |best| and |the first value that was evaluated|: of an accuracy, the part of the best that is
   * lost. It is below 0 for a value better than the best.
   */
  readonly distance: number;
}

/**
 * A task leaves the steps, since its patience has come to its end. Its stem and head are those of its best evaluation, but for what running
 * tasks use too; `value` was measured with them, on the trunk as it is now.
 */
export interface StopEvent extends TaskDistance {
  readonly kind: 'stop';
  /** The number of updates that were made. */
  readonly step: number;
}

/** A stopped task's metric has moved away from its best by more than `drift`, while the trunk went on without it. */
export interface DriftEvent extends TaskDistance {
  readonly kind: 'drift';
  /** The number of updates that were made. */
  readonly step: number;
}

/** A stopped task's metric has moved away so far, and the task comes back into the steps. */
export interface ReturnEvent extends TaskDistance {
  readonly kind: 'return';
  /** The number of updates that were made. */
  readonly step: number;
}

/**
 * A task has begun to overfit: the mean of its last four validation losses lies above the lowest such mean by more than five standard errors,
 * while its training loss has fallen.
 */
export interface OverfittingEvent {
  readonly kind: 'overfitting';
  /** The number of updates that were made. */
  readonly step: number;
  readonly task: string;
  /** The number of updates at which the validation loss was lowest. */
  readonly since: number;
  /** The training loss then and now, each the mean over four evaluations. */
  readonly training: readonly [then: number, now: number];
  /** The validation loss then and now, likewise. */
  readonly validation: readonly [then: number, now: number];
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
  /**
   * `steps`: all steps were done; `patience`: nothing got better any more, as `stop` says it; `stopped`: the function `stop` or the `signal`
   * ended it before.
   */
  readonly reason: 'steps' | 'patience' | 'stopped';
  /** The number of updates that made the weights which the network has now, where `best` chose them. */
  readonly best?: number;
  /**
   * The network holds an average of the weights: the one that was asked for, or that of an optimiser which averages by itself. Absent:
   * it holds the weights that were trained.
   */
  readonly averaged?: true;
}

/** What a training tells: a `start`, then steps, evaluations with what follows from them, and checkpoints, at last an `end`. */
export type TrainingEvent =
  | StartEvent
  | StepEvent
  | EvaluationEvent
  | BestEvent
  | StopEvent
  | DriftEvent
  | ReturnEvent
  | OverfittingEvent
  | CheckpointEvent
  | EndEvent;
