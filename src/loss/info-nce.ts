import * as tf from '@tensorflow/tfjs';
import { checkOptions, optionsOf, positive } from '../check.ts';
import { BanyanError } from '../error.ts';
import type { Kind } from '../kind/index.ts';
import type { Loss } from './loss.ts';

/** What is no candidate has this beside its similarity. */
const EXCLUDED = -1e9;

const schema = optionsOf('info-nce', {
  temperature: positive.default(0.1).describe('what similarities are divided by: a low one looks at the nearest alone'),
});

/** Options of `infoNce`. */
export interface InfoNceOptions {
  /** Similarities, from -1 to 1, are divided by it: the lower, the more the nearest other samples count. Default 0.1. */
  readonly temperature?: number;
}

/**
 * Makes the loss that brings vectors of one group together and keeps those of others away: InfoNCE (van den Oord et al. 2018), over
 * the groups of a batch (Khosla et al. 2020, equation 2; where each group is a pair it is NT-Xent: Chen et al. 2020, equation 1). `output
 * [batch, size]` are vectors of any length, compared by the cosine; `target [batch]`, int32, is the number of each sample's group (a
 * class, a pair), from 1. For each other sample of its group, a sample has the cross-entropy of naming it among all others of the batch;
 * its loss is the mean of these, `[batch]`, in nats. A sample whose group has no other one in the batch has the loss 0. So has one with
 * the target 0, of which nothing is known: it is compared with nobody.
 *
 * A head with this loss sets `comparesSamples`, and its batches should hold several samples of most groups.
 * @throws BanyanError `argument` for a temperature that is not positive; `shape`, when it is called, for an output that is not
 * `[batch, size]`.
 */
export function infoNce(options: InfoNceOptions = {}): Loss {
  const { temperature } = checkOptions('infoNce', schema, options);
  return (output, target) => {
    if (output.rank !== 2) {
      throw new BanyanError(
        'shape',
        `infoNce: expected an output of shape [batch, size], received [${output.shape}]. Give one vector for each sample.`,
      );
    }
    return tf.tidy(() => {
      const { candidates, positives } = pairsOf(target as tf.Tensor1D);
      const vectors = output.div(output.square().sum(1, true).add(1e-12).sqrt()); // [batch, size]
      const similarity = tf.matMul(vectors as tf.Tensor2D, vectors as tf.Tensor2D, false, true).div(temperature);
      const among = similarity.add(tf.sub(1, candidates).mul(EXCLUDED)).logSumExp(1, true); // [batch, 1]
      const losses = among.sub(similarity).mul(positives); // [batch, batch]
      return losses.sum(1).div(positives.sum(1).maximum(1)) as tf.Tensor1D;
    });
  };
}

/** Whom each sample is compared with, and who of these are of its group: `[batch, batch]` each, 1 or 0. */
function pairsOf(target: tf.Tensor1D) {
  const place = tf.range(0, target.shape[0], 1, 'int32');
  const isOther = place.expandDims(1).notEqual(place.expandDims(0)); // [batch, batch]
  const known = target.greater(0).expandDims(0); // [1, batch]
  const sameGroup = target.expandDims(1).equal(target.expandDims(0)); // [batch, batch]
  const candidates = isOther.logicalAnd(known);
  return {
    candidates: candidates.cast('float32'),
    positives: candidates.logicalAnd(sameGroup).cast('float32'),
  };
}

/** `infoNce`, as files name it. */
export const infoNceKind: Kind<Loss, InfoNceOptions> = {
  kind: 'info-nce',
  about: 'Brings vectors of one group together, and keeps those of other groups away (van den Oord et al. 2018).',
  options: schema,
  build: infoNce,
};
