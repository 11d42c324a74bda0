import type * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../error.ts';
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
  /** `adam`, `adamw` or `sgd`. */
  readonly kind: string;
  /** Base rate; a schedule multiplies it. */
  readonly learningRate: number;
  /** For the checkpoint, and to compare with it on resume. */
  readonly config: Json;
  /** Names of the state of each variable; each begins as zeros of the variable's shape. */
  readonly slots: readonly string[];
  /**
   * Makes what all variables with these inputs share (bias corrections, say), once and not per variable, and gives the
   * update for them. Called inside the same `tf.tidy` as the update.
   */
  prepare(inputs: UpdateInputs): Update;
}

/** Checks that each number lies in [0, below). */
export function checkHyperparameters(
  of: string,
  values: Readonly<Record<string, readonly [value: number, below: number]>>,
): void {
  for (const [name, [value, below]] of Object.entries(values)) {
    if (Number.isFinite(value) && value >= 0 && value < below) continue;
    const expected = Number.isFinite(below) ? `a number >= 0 and < ${below}` : 'a finite number >= 0';
    throw new BanyanError('argument', `${of}: ${name} must be ${expected}, received ${value}. Correct it.`);
  }
}
