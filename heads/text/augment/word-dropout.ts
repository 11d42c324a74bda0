import * as tf from '@tensorflow/tfjs';
import type { Randomness } from 'banyan-ml';
import { PADDING, UNKNOWN } from '../vocabulary.ts';

/** Ids of words after a change, `[batch, words]`, and which of them are other words now: boolean, likewise. */
export interface ChangedWords {
  readonly ids: tf.Tensor;
  readonly changed: tf.Tensor;
}

/** Takes a share `rate` of the words for unknown (Iyyer et al. 2015, section 3); padding stays. */
export function dropWords(ids: tf.Tensor, rate: number, random: Randomness): ChangedWords {
  const changed = random.uniform(ids.shape).less(rate).logicalAnd(ids.greater(PADDING));
  return { ids: tf.where(changed, tf.scalar(UNKNOWN, 'int32'), ids), changed };
}
