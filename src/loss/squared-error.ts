import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../error.ts';

/**
 * Squared error of `output [batch, …]` against `target [batch, …]` with as many numbers (`[batch, 1]` fits `[batch]`): for
 * each sample the mean over its numbers, `[batch]`, in squared units of the target.
 * @throws BanyanError `shape`, when it is called, for an output and a target of different size.
 */
export function squaredError(): (output: tf.Tensor, target: tf.Tensor) => tf.Tensor1D {
  return (output, target) => {
    if (output.size !== target.size || output.shape[0] !== target.shape[0]) {
      throw new BanyanError(
        'shape',
        `squaredError: an output of shape [${output.shape}] for a target of shape [${target.shape}], expected equally many numbers a sample. Correct the head's output or its target.`,
      );
    }
    return tf.tidy(() => {
      const batch = target.shape[0]!;
      const difference = tf.squaredDifference(output.reshape([batch, -1]), target.reshape([batch, -1])); // [batch, numbers]
      return difference.mean(1) as tf.Tensor1D;
    });
  };
}
