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

/** A rule that turns gradients into updates. It holds no state: that lies in the slots, which the caller keeps. */
export interface Optimizer {
  /** Its name in files, as `adam`. */
  readonly kind: string;
  /** Base rate; a schedule multiplies it. */
  readonly learningRate: number;
  /** For the checkpoint, and to compare with it on resume. */
  readonly config: Json;
  /** The names of the state of each variable; each begins as zeros of the variable's shape. */
  readonly slots: readonly string[];
  /**
   * Makes what all variables with these inputs share (bias corrections, say), once and not per variable, and gives the
   * update for them. Called inside the same `tf.tidy` as the update.
   */
  prepare(inputs: UpdateInputs): Update;
}

/** What options that most optimisers have say of themselves. */
export const LEARNING_RATE = 'size of a step, before the factor of the schedule';
export const DECAY = 'of kernels, not of biases and norms';
