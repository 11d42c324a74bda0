import * as tf from '@tensorflow/tfjs';
import type { Randomness } from 'banyan-ml';
import { check, type Kind, optionsOf, rate } from 'banyan-ml/plugin';
import { drawBetween, type WaveformAugmentation } from './augmentation.ts';

export interface SpeedOptions {
  /** A recording is played at `1 - share` to `1 + share` times its speed; from 0, below 1. Default 0.1. */
  readonly share?: number;
}

/**
 * Makes an augmentation that plays each recording faster or slower, which changes its pitch too (Ko et al. 2015, "Audio Augmentation for Speech
 * Recognition"): between samples it takes what lies on the line from one to the next. What a faster one leaves at its end is silence, and
 * the end of a slower one is cut off.
 * @throws BanyanError `argument` for a share that is not from 0 to 1.
 */
export function speed(options: SpeedOptions = {}): WaveformAugmentation {
  const { share = 0.1 } = options;
  check('speed', { share }, rate);
  const change = (sounds: tf.Tensor2D, random: Randomness) =>
    tf.tidy(() => played(sounds, drawBetween(random, sounds.shape[0], 1 - share, 1 + share)));
  return Object.assign(change, { config: { kind: 'speed', share }, on: 'samples' as const });
}

/** Plays sounds `[batch, samples]` at speeds `[batch, 1]`. */
export function played(sounds: tf.Tensor2D, speeds: tf.Tensor2D): tf.Tensor2D {
  const [batch, samples] = sounds.shape;
  // Two zeros at the end of each, for what is read beyond it.
  const row = samples + 2;
  const table = sounds
    .pad([
      [0, 0],
      [0, 2],
    ])
    .flatten(); // [batch * row]
  const places = tf.range(0, samples, 1, 'float32').mul(speeds).minimum(samples); // [batch, samples]
  const before = places.floor();
  const weight = places.sub(before);
  const first = tf.range(0, batch, 1, 'int32').mul(tf.scalar(row, 'int32')).expandDims(1); // [batch, 1]
  const at = before.cast('int32').add(first); // [batch, samples]
  const read = (index: tf.Tensor) => tf.gather(table, index as tf.Tensor1D) as tf.Tensor;
  return read(at)
    .mul(tf.sub(1, weight))
    .add(read(at.add(tf.scalar(1, 'int32'))).mul(weight)) as tf.Tensor2D;
}

/** `speed`, as files name it. */
export const speedKind: Kind<WaveformAugmentation, SpeedOptions> = {
  kind: 'speed',
  about: 'Plays the sound faster or slower, which changes its pitch too (Ko et al. 2015).',
  options: optionsOf('speed', { share: rate.default(0.1).describe('by up to this share') }),
  build: speed,
};
