import * as tf from '@tensorflow/tfjs';
import { checkOptions, notNegative, optionsOf, share } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import type { Loss } from './loss.ts';
import { assertSameSize, meanOverNumbers } from './mean-over-numbers.ts';
import { zeroOrNaN } from './zero-or-nan.ts';

const schema = optionsOf('binary-focal', {
  gamma: notNegative.default(2).describe('how little a tag counts whose answer is likely already; 0: cross-entropy'),
  alpha: share
    .optional()
    .describe('what a tag that is there counts, where an absent one counts 1 - alpha; default 1 both'),
});

/** Options of `binaryFocal`. */
export interface BinaryFocalOptions {
  /** The loss of a true answer of probability p has the factor `(1 - p)^gamma`; 0 makes it the cross-entropy. Default 2. */
  readonly gamma?: number;
  /** The factor of a tag that is there, from 0 to 1; an absent one has 1 - alpha. The paper has 0.25. Default: 1 both. */
  readonly alpha?: number | undefined;
}

/**
 * Makes the focal loss of tags (Lin et al. 2017, equation 5): `logits [batch, tags]` against `target [batch, tags]`, float32, 1 for a tag
 * that is there and 0 for one that is not. The binary cross-entropy of each has the factor `(1 - p)^gamma`, where p is the
 * probability of the true answer. For each sample it is the mean over its tags, `[batch]`, in nats (`[batch, 1]` fits `[batch]`). Tags
 * that are not known (NaN) are left out. Any other target has the loss NaN, so that training refuses the update.
 * @throws BanyanError `argument` for a gamma below 0 or an alpha outside 0 … 1; `shape`, when it is called, for an output and a target of
 * different size.
 */
export function binaryFocal(options: BinaryFocalOptions = {}): Loss {
  const { gamma, alpha } = checkOptions('binaryFocal', schema, options);
  return (logits, target) => {
    assertSameSize('binaryFocal', logits, target);
    return tf.tidy(() =>
      meanOverNumbers(target, (there) => {
        // The logit of the wrong answer, x: its probability is σ(x), and -ln of that of the true one softplus(x).
        const x = logits.reshape(there.shape).mul(tf.sub(1, there.mul(2))); // [batch, tags]
        const factor = x.neg().softplus().mul(-gamma).exp();
        const losses = factor.mul(x.softplus());
        const weighted = alpha === undefined ? losses : losses.mul(there.mul(2 * alpha - 1).add(1 - alpha));
        return weighted.add(zeroOrNaN(there.equal(0).logicalOr(there.equal(1))));
      }),
    );
  };
}

/** `binaryFocal`, as files name it. */
export const binaryFocalKind: Kind<Loss, BinaryFocalOptions> = {
  kind: 'binary-focal',
  about:
    'The cross-entropy of tags, in which one counts the less, the likelier its answer is already (Lin et al. 2017).',
  options: schema,
  build: binaryFocal,
};
