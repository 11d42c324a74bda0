import * as tf from '@tensorflow/tfjs';
import type { Randomness } from 'banyan-ml';
import { FIRST, PADDING } from '../vocabulary.ts';
import type { ChangedWords } from './word-dropout.ts';

/**
 * Puts words of the vocabulary, which has `size` ids, all equally likely, in the place of a share `rate` of the words (Wang et al. 2018,
 * "SwitchOut", with the number of words drawn by a coin for each); padding stays. In a vocabulary of bytes these are bytes.
 */
export function switchWords(ids: tf.Tensor, rate: number, size: number, random: Randomness): ChangedWords {
  const changed = random.uniform(ids.shape).less(rate).logicalAnd(ids.greater(PADDING));
  const others = random
    .uniform(ids.shape)
    .mul(size - FIRST)
    .floor()
    .add(FIRST)
    .cast('int32');
  return { ids: tf.where(changed, others, ids), changed };
}
