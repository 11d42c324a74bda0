import * as tf from '@tensorflow/tfjs';
import { optionsOf } from '../check.ts';
import { BanyanError } from '../error.ts';
import type { Kind } from '../kind/index.ts';
import type { Loss } from './loss.ts';
import { zeroOrNaN } from './zero-or-nan.ts';

/**
 * Makes the loss of ranks, classes in an order such as one star to five (CORN: Shi, Cao and Raschka 2023). Of K ranks the output
 * is `logits [batch, K - 1]`: the sigmoid of number k is the probability that the rank is above k if it is at least k. `target
 * [batch]`, int32, is the rank, from 0. A sample's loss, `[batch]`, in nats, is the negative logarithm of the probability of its rank:
 * the sum of the binary cross-entropies of those questions that its rank leads to. (The paper's mean over a batch divides by the number of
 * questions, not of samples.) A target that is no rank has the loss NaN, so that training refuses the update.
 *
 * The probability of being above k is the product of the sigmoids up to k; the rank that CORN predicts is how many of these products
 * exceed one half.
 * @throws BanyanError `shape`, when it is called, for logits that are not `[batch, ranks - 1]`.
 */
export function corn(): Loss {
  return (logits, target) => {
    const [, questions] = logits.shape;
    if (logits.rank !== 2 || questions === undefined || questions < 1) {
      throw new BanyanError(
        'shape',
        `corn: expected logits of shape [batch, ranks - 1], received [${logits.shape}]. Give one number less than there are ranks for each sample.`,
      );
    }
    return tf.tidy(() => {
      const rank = target.expandDims(1); // [batch, 1]
      const question = tf.range(0, questions, 1, 'int32').expandDims(0); // [1, questions]
      const asked = question.lessEqual(rank).cast('float32'); // [batch, questions]
      const yes = question.less(rank).cast('float32'); // [batch, questions]
      // -ln σ(x) = softplus(-x), -ln (1 - σ(x)) = softplus(x)
      const losses = logits.mul(tf.sub(1, yes.mul(2))).softplus(); // [batch, questions]
      const isRank = target.greaterEqual(0).logicalAnd(target.lessEqual(questions)); // [batch]
      return losses.mul(asked).sum(1).add(zeroOrNaN(isRank)) as tf.Tensor1D;
    });
  };
}

/** `corn`, as files name it. */
export const cornKind: Kind<Loss> = {
  kind: 'corn',
  about: 'How unlikely the true rank is, of classes in an order (CORN: Shi et al. 2023).',
  options: optionsOf('corn', {}),
  build: corn,
};
