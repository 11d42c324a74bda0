import * as tf from '@tensorflow/tfjs';
import type { Json, Randomness } from 'banyan-ml';

/**
 * An augmentation changes spectrograms in training: `[batch, frames, mels]` to the same, after standardisation. `silence` is what a
 * frame of silence holds.
 */
export type SpectrogramAugmentation = ((
  spectrograms: tf.Tensor3D,
  random: Randomness,
  silence: number,
) => tf.Tensor3D) & {
  /** It says what made the augmentation, so that a training that goes on can tell it from another one. */
  readonly config?: Json;
};

/** Draws a whole number from 0 to `most` for each sample, all equally likely: float32 `[batch, 1]`. */
export function drawWhole(random: Randomness, batch: number, most: number): tf.Tensor2D {
  return random
    .uniform([batch, 1])
    .mul(most + 1)
    .floor() as tf.Tensor2D;
}

/** Draws where a band of 0 to `widest` neighbours lies among `count`: boolean `[batch, count]`. */
export function drawBand(random: Randomness, batch: number, count: number, widest: number): tf.Tensor2D {
  const limit = Math.min(widest, count);
  const start = drawWhole(random, batch, count - limit); // [batch, 1]
  const end = start.add(drawWhole(random, batch, limit)); // [batch, 1]
  const places = tf.range(0, count, 1, 'float32').expandDims(0); // [1, count]
  return places.greaterEqual(start).logicalAnd(places.less(end)) as tf.Tensor2D; // [batch, count]
}
