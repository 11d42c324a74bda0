import type { Metrics } from '../evaluate/index.ts';

export type { Metrics } from '../evaluate/index.ts';

/** First event of a training (also of a resumed one). */
export interface StartEvent {
  readonly kind: 'start';
  /** Updates made before. */
  readonly step: number;
  /** The step at which the training ends. */
  readonly steps: number;
  readonly tasks: readonly string[];
}

/** What a balancer did in a step. */
export interface BalanceReport {
  /** Factors of the tasks' gradients, by task. One that takes no part, without a label in the step or without a weight, has none. */
  readonly weights: Readonly<Record<string, number>>;
  /** Norms of the tasks' gradients over what the balancer covers, by task; where it looks at them. 0 for one that takes no part. */
  readonly norms?: Readonly<Record<string, number>>;
  /** Cosines between them, in the order of the tasks; 0 where one of the two gradients is 0. */
  readonly cosines?: readonly (readonly number[])[];
}

/** Lengths of the tasks' gradients, and how far they point the same way. */
export interface GradientComparison {
  /** By task. */
  readonly norms: Readonly<Record<string, number>>;
  /** In the order of the tasks; 0 where one of the two gradients is 0. */
  readonly cosines: readonly (readonly number[])[];
}

/** The gradients of the tasks' losses (times the tasks' weights, before any balancing) over the column that is trained. */
export interface GradientReport extends GradientComparison {
  /** The same for each part of the column alone: `column-0/block-1`. */
  readonly blocks: Readonly<Record<string, GradientComparison>>;
}

/** One optimiser update. */
export interface StepEvent {
  readonly kind: 'step';
  /** Number of this update, from 1. */
  readonly step: number;
  readonly steps: number;
  /** Mean loss over the task's labelled examples of this step, before its weight. A task without a label in it has no entry. */
  readonly losses: Readonly<Partial<Record<string, number>>>;
  /** How many of its examples had a label, by task: the weight of this loss in a mean over several steps. */
  readonly labelled: Readonly<Record<string, number>>;
  readonly learningRate: number;
  /** Global norm of the gradient before clipping. */
  readonly gradientNorm: number;
  /** Where tasks are not weighted equally. */
  readonly balance?: BalanceReport;
  /** Where `compareGradientsEvery` looked at them in this step; taken at the weights before the update. */
  readonly gradients?: GradientReport;
  /** Wall-clock time since the step before: reading, update, everything but evaluation and checkpoints. */
  readonly milliseconds: number;
}

/** Metrics on the validation split. */
export interface EvaluationEvent {
  readonly kind: 'evaluation';
  readonly step: number;
  readonly metrics: Metrics;
  readonly milliseconds: number;
}

/** A checkpoint was written, whole. */
export interface CheckpointEvent {
  readonly kind: 'checkpoint';
  readonly step: number;
  readonly path: string;
}

/** Last event. */
export interface EndEvent {
  readonly kind: 'end';
  readonly step: number;
  /** `steps`: all done; `stopped`: the `stop` rule or the `signal` said so. */
  readonly reason: 'steps' | 'stopped';
}

export type TrainingEvent = StartEvent | StepEvent | EvaluationEvent | CheckpointEvent | EndEvent;
