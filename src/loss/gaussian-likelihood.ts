import * as tf from '@tensorflow/tfjs';
import { optionsOf } from '../check.ts';
import { BanyanError } from '../error.ts';
import type { Kind } from '../kind/index.ts';
import { detached } from '../runtime/index.ts';
import type { Loss } from './loss.ts';
import { meanOverNumbers } from './mean-over-numbers.ts';

/** The least variance that is reckoned with, as in PyTorch: a head that is sure of itself has no endless loss. */
const LEAST_VARIANCE = 1e-6;

/**
 * Makes the loss of a head that gives a spread with each number: the negative logarithm of a normal distribution's density at the target
 * (Nix and Weigend 1994), without the constant `ln(2π) / 2`. For a target of n numbers, `target [batch, …]`, the output
 * has 2 n: `[batch, 2 n]`, first the n means, then the n logarithms of variances. For each sample it is the mean over its numbers,
 * `[batch]`, of `(ln v + (target - mean)² / v) / 2`, in nats; it may be below 0. A variance v below 1e-6 counts as 1e-6. Numbers
 * that are missing (NaN) are left out.
 * @throws BanyanError `shape`, when it is called, for an output that has not two numbers for each of the target.
 */
export function gaussianLikelihood(): Loss {
  return (output, target) => {
    const batch = target.shape[0]!;
    if (output.shape[0] !== batch || output.size !== 2 * target.size) {
      throw new BanyanError(
        'shape',
        `gaussianLikelihood: an output of shape [${output.shape}] for a target of shape [${target.shape}], expected a mean and a log-variance for each number. Give the head two outputs for each number: [batch, 2 n].`,
      );
    }
    return tf.tidy(() => {
      const [mean, logVariance] = tf.split(output.reshape([batch, output.size / batch]), 2, 1) as [
        tf.Tensor2D,
        tf.Tensor2D,
      ]; // [batch, numbers] each
      // The gradient goes past the bound, so that a variance below it can grow again.
      const above = detached(logVariance.maximum(Math.log(LEAST_VARIANCE)).sub(logVariance));
      const bounded = logVariance.add(above);
      return meanOverNumbers(target, (numbers) =>
        tf.squaredDifference(mean, numbers).mul(bounded.neg().exp()).add(bounded).div(2),
      );
    });
  };
}

/** `gaussianLikelihood`, as files name it. */
export const gaussianLikelihoodKind: Kind<Loss> = {
  kind: 'gaussian-likelihood',
  about: 'How unlikely the target is by a mean and a variance, of which the output gives both (Nix and Weigend 1994).',
  options: optionsOf('gaussian-likelihood', {}),
  build: gaussianLikelihood,
};
