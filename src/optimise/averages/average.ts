import type * as tf from '@tensorflow/tfjs';
import type { Json } from '../../task/contract.ts';

/**
 * A mean of the weights that a training goes through. It holds no state: that lies in slots beside each variable that is trained, which
 * the caller keeps.
 */
export interface Average {
  /** Its name in files, as `exponential`. */
  readonly kind: string;
  /** For the checkpoint, and to compare with it on resume. */
  readonly config: Json;
  /** Whether the network holds the average after the training, or the weights that were trained. */
  readonly use: 'average' | 'raw';
  /** The names of the state of each variable; each begins as zeros of the variable's shape. The first one is the average. */
  readonly slots: readonly [average: string, ...others: string[]];
  /** Whether running statistics, as of batch normalisation, are computed anew for it, or are those of the weights that are trained. */
  readonly newStatistics: boolean;
  /** Counts the weights that it has taken in after `step` updates of the training; those after each update that raises it. */
  taken(step: number): number;
  /** Gives the numbers by which it takes in its `n`-th weights. */
  numbers(n: number): readonly number[];
  /** Takes in a variable: assigns its slots. Called inside `tf.tidy`. `numbers`: those of `numbers(n)`. */
  take(variable: tf.Tensor, slots: Readonly<Record<string, tf.Variable>>, numbers: readonly tf.Scalar[]): void;
}

/** What every average can be told. */
export interface AveragingOptions {
  /** Which weights the network holds after the training: the average, or, with `raw`, those that were trained. Default `average`. */
  readonly use?: 'average' | 'raw';
}

/** Takes in a variable by one number, the share of the newest weights. */
export function moveMean(variable: tf.Tensor, mean: tf.Variable, share: tf.Scalar): void {
  mean.assign(mean.add(variable.sub(mean).mul(share)));
}
