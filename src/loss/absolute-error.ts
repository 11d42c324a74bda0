import * as tf from '@tensorflow/tfjs';
import { optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import type { Loss } from './loss.ts';
import { assertSameSize, meanOverNumbers } from './mean-over-numbers.ts';

/**
 * Makes the loss that is the distance of `output [batch, …]` from `target [batch, …]` with as many numbers (`[batch, 1]` fits `[batch]`):
 * for each sample the mean of `|output - target|` over its numbers, `[batch]`, in the target's unit. It leads to the median where
 * `squaredError` leads to the mean, so single wild labels move it less. Numbers that are missing (NaN) are left out.
 * @throws BanyanError `shape`, when it is called, for an output and a target of different size.
 */
export function absoluteError(): Loss {
  return (output, target) => {
    assertSameSize('absoluteError', output, target);
    return tf.tidy(() =>
      meanOverNumbers(target, (numbers) => distance(output.reshape(numbers.shape).sub(numbers) as tf.Tensor2D)),
    );
  };
}

/** `|x|`, whose gradient is 0 at 0, as in PyTorch; that of tfjs's `abs` is -1 there. */
export const distance = (x: tf.Tensor2D): tf.Tensor2D => x.mul(x.sign());

/** `absoluteError`, as files name it. */
export const absoluteErrorKind: Kind<Loss> = {
  kind: 'absolute-error',
  about: 'The mean distance of the output from the target; single wild labels move it less than the squared one.',
  options: optionsOf('absolute-error', {}),
  build: absoluteError,
};
