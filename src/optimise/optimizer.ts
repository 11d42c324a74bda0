import type * as tf from '@tensorflow/tfjs';
import type { Json } from '../task/contract.ts';

/** What changes from update to update: inputs of a compiled step, so that none of them freezes in its graph. */
export interface UpdateInputs {
  readonly learningRate: tf.Scalar;
  /** float32: how many updates the variable will have had with this one; 1 for its first. */
  readonly step: tf.Scalar;
  /** No gradient is known before all are, as where they are clipped by their common norm: to update early gains nothing. */
  readonly together?: boolean;
}

/**
 * One update of one variable: assigns the variable and its slots. Called inside `tf.tidy`. `decay`: whether weight decay
 * applies to this variable.
 */
export type Update = (
  variable: tf.Variable,
  gradient: tf.Tensor,
  slots: Readonly<Record<string, tf.Variable>>,
  decay: boolean,
) => void;

/** What is known of a variable before it is trained. */
export interface VariableFacts {
  /** `scope/…`, such as `column-0/block-1/dense/kernel`. */
  readonly name: string;
  /** The scope of the stem, block or head that it belongs to. */
  readonly scope: string;
  readonly shape: readonly number[];
  /** Whether weight decay applies to it. */
  readonly decay: boolean;
}

/** A part of an optimiser's state for one variable. */
export interface Slot {
  readonly name: string;
  /** Default: the variable's. */
  readonly shape?: readonly number[];
  /** Each of its numbers begins as this one, or, with `weights`, as the variable's. Default 0. */
  readonly initial?: number | 'weights';
}

/** A rule that turns gradients into updates. It holds no state: that lies in the slots, which the caller keeps. */
export interface Optimizer {
  /** Its name in files, as `adam`. */
  readonly kind: string;
  /** Base rate; a schedule multiplies it. */
  readonly learningRate: number;
  /** For the checkpoint, and to compare with it on resume. */
  readonly config: Json;
  /** The state of each variable: names of slots that begin as zeros of the variable's shape, or what a variable has, one by one. */
  readonly slots: readonly string[] | ((variable: VariableFacts) => readonly Slot[]);
  /**
   * The name of a slot, one that each variable has, whose numbers are the weights to use: evaluations are of these, and the network
   * holds them after the training. Absent: the weights that are trained are used.
   */
  readonly averaged?: string;
  /** Whether the learning rate stays as it is where no schedule is asked for. Default: a warm-up, then a cosine. */
  readonly constantRate?: boolean;
  /**
   * Makes what all variables with these inputs share (bias corrections, say), once and not per variable, and gives the
   * update for them. Called inside the same `tf.tidy` as the update.
   */
  prepare(inputs: UpdateInputs): Update;
}

/** Gives the slots that an optimiser keeps for a variable. */
export const slotsFor = ({ slots }: Pick<Optimizer, 'slots'>, variable: VariableFacts): readonly Slot[] =>
  typeof slots === 'function' ? slots(variable) : slots.map((name) => ({ name }));

/** What options that most optimisers have say of themselves. */
export const LEARNING_RATE = 'size of a step, before the factor of the schedule';
export const DECAY = 'of kernels, not of biases and norms';
