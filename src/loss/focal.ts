import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { checkOptions, notNegative, optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { crossEntropy } from './cross-entropy.ts';
import type { Loss } from './loss.ts';

/** Keeps the logarithm finite where the true class is certain. */
const LEAST = 1e-30;

const schema = optionsOf('focal', {
  gamma: notNegative.default(2).describe('how little a sample counts whose class is likely already; 0: cross-entropy'),
  classWeights: z
    .array(notNegative, 'a list with a number for each class')
    .optional()
    .describe('what each class counts; default 1 each'),
});

/** Options of `focal`. */
export interface FocalOptions {
  /** The loss of a true class of probability p has the factor `(1 - p)^gamma`; 0 makes it the cross-entropy. Default 2. */
  readonly gamma?: number;
  /** For each class a factor on its loss (α in the paper). Default: 1 each. */
  readonly classWeights?: readonly number[] | undefined;
}

/**
 * Makes the focal loss (Lin et al. 2017, equation 5) of the softmax of `logits [batch, classes]` with int32 `labels [batch]`: the
 * cross-entropy of a sample times `(1 - p)^gamma`, where p is the probability of its true class, so that many easy samples do not drown
 * the few hard ones; `[batch]`, in nats. `binaryFocal` is that of tags. A label that is no class has the loss NaN, so that training
 * refuses the update.
 * @throws BanyanError `argument` for a gamma or a weight below 0; `shape`, when it is called, as `crossEntropy`.
 */
export function focal(options: FocalOptions = {}): Loss {
  const { gamma, classWeights } = checkOptions('focal', schema, options);
  const [plain, weighted] = [crossEntropy(), crossEntropy({ classWeights })];
  return (logits, labels) =>
    tf.tidy(() => {
      const nats = plain(logits, labels); // [batch], -ln p
      const doubt = nats.neg().expm1().neg(); // [batch], 1 - p
      const factor = doubt.add(LEAST).log().mul(gamma).exp();
      return factor.mul(classWeights === undefined ? nats : weighted(logits, labels)) as tf.Tensor1D;
    });
}

/** `focal`, as files name it. */
export const focalKind: Kind<Loss, FocalOptions> = {
  kind: 'focal',
  about: 'The cross-entropy, in which a sample counts the less, the likelier its class is already (Lin et al. 2017).',
  options: schema,
  build: focal,
};
