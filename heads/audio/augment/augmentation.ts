import * as tf from '@tensorflow/tfjs';
import type { Call, Randomness } from 'banyan-ml';
import type { Augmentation } from '../../augmentation.ts';

/** How an augmentation of spectrograms is called. */
export interface SpectrogramCall extends Call {
  /** This is what a frame of silence holds, after standardisation. */
  readonly silence: number;
}

/** An augmentation of spectrograms: `[batch, frames, mels]` to the same, after standardisation. */
export type SpectrogramAugmentation = Augmentation<tf.Tensor3D, SpectrogramCall> & { readonly on?: undefined };

/** How an augmentation of the sounds themselves is called. */
export interface WaveformCall extends Call {
  /** It is true where sounds keep their lengths: what follows a sound's last sample that is not 0 is padding, and has to stay 0. */
  readonly varying?: boolean;
}

/** An augmentation of the sounds themselves: `[batch, samples]` to the same, whose peak is 1. It comes before those of spectrograms. */
export type WaveformAugmentation = Augmentation<tf.Tensor2D, WaveformCall> & { readonly on: 'samples' };

/** An augmentation of recordings. */
export type SoundAugmentation = SpectrogramAugmentation | WaveformAugmentation;

/** Draws a whole number from 0 to `most` for each sample, all equally likely: float32 `[batch, 1]`. */
export function drawWhole(random: Randomness, batch: number, most: number): tf.Tensor2D {
  return random
    .uniform([batch, 1])
    .mul(most + 1)
    .floor() as tf.Tensor2D;
}

/** Draws a number from `low` to `high` for each sample, all equally likely: `[batch, 1]`. */
export const drawBetween = (random: Randomness, batch: number, low: number, high: number): tf.Tensor2D =>
  random
    .uniform([batch, 1])
    .mul(high - low)
    .add(low) as tf.Tensor2D;

/** Draws where a band of 0 to `widest` neighbours lies among `count`: boolean `[batch, count]`. */
export function drawBand(random: Randomness, batch: number, count: number, widest: number): tf.Tensor2D {
  const limit = Math.min(widest, count);
  const start = drawWhole(random, batch, count - limit); // [batch, 1]
  const end = start.add(drawWhole(random, batch, limit)); // [batch, 1]
  const places = tf.range(0, count, 1, 'float32').expandDims(0); // [1, count]
  return places.greaterEqual(start).logicalAnd(places.less(end)) as tf.Tensor2D; // [batch, count]
}
