import * as tf from '@tensorflow/tfjs';

/**
 * Gives 0 where a label is what it may be, and NaN elsewhere, to be added to a loss: a graph cannot throw, but training refuses an update
 * whose loss is NaN, and names the task.
 */
export const zeroOrNaN = (holds: tf.Tensor): tf.Tensor => tf.where(holds, tf.scalar(0), tf.scalar(Number.NaN));
