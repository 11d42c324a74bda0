import * as tf from '@tensorflow/tfjs';
import { optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import type { Loss } from './loss.ts';
import { assertSameSize, meanOverNumbers } from './mean-over-numbers.ts';

/**
 * Makes the loss that is the squared error of `output [batch, …]` against `target [batch, …]` with as many numbers (`[batch, 1]` fits
 * `[batch]`): for each sample the mean over its numbers, `[batch]`, in squared units of the target. Where a label is there in part
 * (NaN for the numbers that are missing) it is the mean over those that are there.
 * @throws BanyanError `shape`, when it is called, for an output and a target of different size.
 */
export function squaredError(): Loss {
  return (output, target) => {
    assertSameSize('squaredError', output, target);
    return tf.tidy(() =>
      meanOverNumbers(target, (numbers) => tf.squaredDifference(output.reshape(numbers.shape), numbers)),
    );
  };
}

/** `squaredError`, as files name it. */
export const squaredErrorKind: Kind<Loss> = {
  kind: 'squared-error',
  about: 'The mean squared distance of the output from the target.',
  options: optionsOf('squared-error', {}),
  build: squaredError,
};
