import * as tf from '@tensorflow/tfjs';
import { checkOptions, oneOf, optionsOf } from '../check.ts';
import { BanyanError } from '../error.ts';
import type { Kind } from '../kind/index.ts';
import { alignments } from './ctc-alignments.ts';
import type { Loss } from './loss.ts';
import { zeroOrNaN } from './zero-or-nan.ts';

/** A loss above this, in nats, is that of a path through a frame that has no room for it. */
const NO_PATH = 1e8;
/** The logit of all symbols but the blank in a frame that is padding. */
const NEVER = -1e9;

const schema = optionsOf('ctc', {
  infeasible: oneOf('infinite', 'zero')
    .default('infinite')
    .describe(
      'what a target costs that is too long for its frames: an infinite loss, which ends the training, or none',
    ),
});

/** Options of `ctc`. */
export interface CtcOptions {
  /**
   * What a target costs that is too long for its frames (it needs one for each symbol, and one between two equal ones). `infinite` is its
   * true loss, which training refuses, with the task's name; `zero` leaves such a sample out. Default `infinite`.
   */
  readonly infeasible?: 'infinite' | 'zero';
}

/**
 * Makes the loss of a sequence whose symbols come in order, but nobody knows when (connectionist temporal classification: Graves et al.
 * 2006, section 4.1): `logits [batch, frames, symbols]`, where symbol 0 is the blank, against `target [batch, positions]`, int32, symbols
 * from 1, padded with 0 at the end. A sample's loss, `[batch]`, in nats, is the negative logarithm of the probability of all ways to spread
 * its target over the frames; of an empty one, of blanks alone. It is a sum over frames: PyTorch's `mean` divides by the target's
 * length. Where examples have fewer frames than their batch, `blankPadding` makes the frames that are padding count for nothing.
 * A target with another number, or with symbols after a 0, has the loss NaN, so that training refuses the update.
 *
 * Everything is computed with logarithms; the gradient is that of equation 16. One step follows another for each frame, so a graph grows
 * with the number of frames.
 * @throws BanyanError `shape`, when it is called, for logits that are not `[batch, frames, symbols]` or a target that is not
 * `[batch, positions]`.
 */
export function ctc(options: CtcOptions = {}): Loss {
  const { infeasible } = checkOptions('ctc', schema, options);
  return (logits, target) => {
    if (logits.rank !== 3 || target.rank !== 2 || logits.shape[0] !== target.shape[0]) {
      throw new BanyanError(
        'shape',
        `ctc: logits of shape [${logits.shape}] for a target of shape [${target.shape}], expected [batch, frames, symbols] and [batch, positions]. Give one number per symbol for each frame.`,
      );
    }
    return tf.tidy(() => {
      const last = tf.scalar(logits.shape[2]! - 1, 'int32');
      const symbols = tf.minimum(target.maximum(tf.scalar(0, 'int32')), last) as tf.Tensor2D; // what the sum below can take
      const loss = tf.customGrad((input: tf.Tensor | tf.GradSaveFunc, save: tf.Tensor | tf.GradSaveFunc) => {
        const { losses, expected } = alignments((input as tf.Tensor3D).logSoftmax(), symbols);
        const feasible = losses.less(NO_PATH); // [batch]
        // By a logit it is the symbol's probability less how often it is expected there, given the target.
        const slope = (input as tf.Tensor3D).softmax().sub(expected); // [batch, frames, symbols]
        (save as tf.GradSaveFunc)([slope.mul(feasible.cast('float32').reshape([-1, 1, 1]))]);
        const otherwise = tf.scalar(infeasible === 'zero' ? 0 : Number.POSITIVE_INFINITY);
        return {
          value: tf.where<tf.Tensor>(feasible, losses, otherwise),
          gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => saved[0]!.mul(dy.reshape([-1, 1, 1])),
        };
      });
      return loss(logits).add(zeroOrNaN(isSequence(target as tf.Tensor2D, logits.shape[2]!))) as tf.Tensor1D;
    });
  };
}

/** Tells for each target, `[batch]`, whether it is symbols that there are, and after them 0 alone. */
function isSequence(target: tf.Tensor2D, symbols: number): tf.Tensor1D {
  const [batch, positions] = target.shape;
  const isSymbol = target.greaterEqual(0).logicalAnd(target.less(symbols)).all(1);
  if (positions < 2) return isSymbol as tf.Tensor1D;
  const [before, after] = [0, 1].map((from) => target.slice([0, from], [batch, positions - 1]).notEqual(0));
  return isSymbol.logicalAnd(before!.logicalOr(after!.logicalNot()).all(1)) as tf.Tensor1D;
}

/**
 * Makes frames that are padding certain blanks: through them leads exactly one way, whatever the target, so `ctc` is what it would be
 * without them, and its gradient there is 0.
 * @param logits `[batch, frames, symbols]`; symbol 0 is the blank.
 * @param mask `[batch, frames]`, 1 = a frame, 0 = padding, as in `Call.mask`.
 */
export function blankPadding(logits: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor3D {
  return tf.tidy(() => {
    const there = mask.expandDims(2); // [batch, frames, 1]
    const certain = tf.range(0, logits.shape[2]).greater(0).cast('float32').mul(NEVER); // [symbols]
    return logits.mul(there).add(tf.sub(1, there).mul(certain)) as tf.Tensor3D;
  });
}

/** `ctc`, as files name it. */
export const ctcKind: Kind<Loss, CtcOptions> = {
  kind: 'ctc',
  about: 'How unlikely a sequence of symbols is, however they are spread over the frames (CTC: Graves et al. 2006).',
  options: schema,
  build: ctc,
};
