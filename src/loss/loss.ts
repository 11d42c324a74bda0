import type * as tf from '@tensorflow/tfjs';

/** A loss of each sample: from an output `[batch, …]` and a target `[batch, …]` to `[batch]`, in the graph. */
export type Loss = (output: tf.Tensor, target: tf.Tensor) => tf.Tensor1D;
