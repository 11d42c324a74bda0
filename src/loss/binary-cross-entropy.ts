import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { checkOptions, optionsOf, positive, rate } from '../check.ts';
import { BanyanError } from '../error.ts';
import type { Kind } from '../kind/index.ts';
import type { Loss } from './loss.ts';
import { assertSameSize, meanOverNumbers } from './mean-over-numbers.ts';
import { zeroOrNaN } from './zero-or-nan.ts';

const schema = optionsOf('binary-cross-entropy', {
  labelSmoothing: rate.default(0).describe('how far each answer is drawn towards one half; 1 would make it that'),
  positiveWeights: z
    .array(positive, 'a list with a number for each tag')
    .optional()
    .describe('what the presence of each tag counts, where its absence counts 1; default 1 each'),
});

/** Options of `binaryCrossEntropy`. */
export interface BinaryCrossEntropyOptions {
  /** Each answer q becomes `q (1 - s) + s / 2` (Szegedy et al. 2016, section 7, over yes and no). Default 0. */
  readonly labelSmoothing?: number;
  /** For each tag a factor on the loss where the tag is there: above 1 for a rare one, so that it is not missed. Default: 1 each. */
  readonly positiveWeights?: readonly number[] | undefined;
}

/**
 * Makes the loss of yes-or-no answers that do not exclude each other, such as tags: the cross-entropy of the sigmoid of
 * `logits [batch, tags]` with `target [batch, tags]`, float32, 1 for a tag that is there and 0 for one that is not; a number between them
 * is a probability. For each sample it is the mean over its tags, `[batch]`, in nats (`[batch, 1]` fits `[batch]`). Tags that are
 * not known (NaN) are left out. A target below 0 or above 1 has the loss NaN, so that training refuses the update.
 * @throws BanyanError `argument` for a smoothing outside [0, 1) or a weight that is not positive; `shape`, when it is called, for an output and a target of
 * different size, or of another number of tags than there are weights.
 */
export function binaryCrossEntropy(options: BinaryCrossEntropyOptions = {}): Loss {
  const { labelSmoothing, positiveWeights } = checkOptions('binaryCrossEntropy', schema, options);
  return (logits, target) => {
    assertSameSize('binaryCrossEntropy', logits, target);
    const tags = target.size / target.shape[0]!;
    if (positiveWeights !== undefined && positiveWeights.length !== tags) {
      throw new BanyanError(
        'shape',
        `binaryCrossEntropy: ${positiveWeights.length} positiveWeights for a target of shape [${target.shape}], expected ${tags}. Give one weight per tag.`,
      );
    }
    return tf.tidy(() => {
      const weights = positiveWeights === undefined ? 1 : tf.tensor1d([...positiveWeights]);
      return meanOverNumbers(target, (there) => {
        const x = logits.reshape(there.shape) as tf.Tensor2D; // [batch, tags]
        // -ln σ(x) = softplus(-x) and -ln (1 - σ(x)) = softplus(x): neither overflows.
        const yes = labelSmoothing === 0 ? there : there.mul(1 - labelSmoothing).add(labelSmoothing / 2);
        const missed = x.neg().softplus().mul(yes).mul(weights);
        const invented = x.softplus().mul(tf.sub(1, yes));
        return missed.add(invented).add(zeroOrNaN(there.greaterEqual(0).logicalAnd(there.lessEqual(1))));
      });
    });
  };
}

/** `binaryCrossEntropy`, as files name it. */
export const binaryCrossEntropyKind: Kind<Loss, BinaryCrossEntropyOptions> = {
  kind: 'binary-cross-entropy',
  about: 'The cross-entropy of yes-or-no answers that do not exclude each other, such as tags.',
  options: schema,
  build: binaryCrossEntropy,
};
