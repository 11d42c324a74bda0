import * as tf from '@tensorflow/tfjs';
import { optionsOf } from '../check.ts';
import { BanyanError } from '../error.ts';
import type { Kind } from '../kind/index.ts';
import { knownNumbers } from './known-numbers.ts';
import type { Loss } from './loss.ts';

/**
 * Makes the loss that is the squared error of `output [batch, …]` against `target [batch, …]` with as many numbers (`[batch, 1]` fits
 * `[batch]`): for each sample the mean over its numbers, `[batch]`, in squared units of the target. Where a label is there in part
 * (NaN for the numbers that are missing) it is the mean over those that are there.
 * @throws BanyanError `shape`, when it is called, for an output and a target of different size.
 */
export function squaredError(): Loss {
  return (output, target) => {
    if (output.size !== target.size || output.shape[0] !== target.shape[0]) {
      throw new BanyanError(
        'shape',
        `squaredError: an output of shape [${output.shape}] for a target of shape [${target.shape}], expected equally many numbers a sample. Give the head an output of its target's size.`,
      );
    }
    return tf.tidy(() => {
      const batch = target.shape[0]!;
      const size = target.size / batch;
      const flat = (tensor: tf.Tensor) => tensor.reshape([batch, size]); // [batch, numbers]
      // One number is there, or there is no label.
      if (size === 1) return tf.squaredDifference(flat(output), flat(target)).mean(1) as tf.Tensor1D;
      const { numbers, mask } = knownNumbers(flat(target));
      const difference = tf.squaredDifference(flat(output), numbers).mul(mask); // [batch, numbers]
      // 1 for a whole label, so that its loss is the plain mean to the bit.
      const share = tf.div(size, mask.sum(1)); // [batch]
      return difference.mean(1).mul(share) as tf.Tensor1D;
    });
  };
}

/** `squaredError`, as files name it. */
export const squaredErrorKind: Kind<Loss> = {
  kind: 'squared-error',
  about: 'The mean squared distance of the output from the target.',
  options: optionsOf('squared-error', {}),
  build: squaredError,
};
