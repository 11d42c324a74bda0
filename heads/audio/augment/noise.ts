import * as tf from '@tensorflow/tfjs';
import { BanyanError, type Randomness } from 'banyan-ml';
import { check, finite, type Kind, optionsOf } from 'banyan-ml/plugin';
import { endsOf, placesBefore } from '../ends.ts';
import { drawBetween, type WaveformAugmentation, type WaveformCall } from './augmentation.ts';

export interface NoiseOptions {
  /** The least ratio of sound to noise, in decibels: the loudest noise. Default 10. */
  readonly least?: number;
  /** The largest ratio. Default 40. */
  readonly most?: number;
}

/**
 * Makes an augmentation that adds white noise to each recording, so loud that the sound's energy over the noise's is a drawn number of
 * decibels, all between `least` and `most` equally likely.
 * @throws BanyanError `argument` for ratios that are not finite, or a least one above the largest.
 */
export function noise(options: NoiseOptions = {}): WaveformAugmentation {
  const { least = 10, most = 40 } = options;
  check('noise', { least, most }, finite);
  if (least > most) {
    throw new BanyanError('argument', `noise: least is ${least} and most ${most}, expected no more. Exchange them.`);
  }
  const change = (sounds: tf.Tensor2D, random: Randomness, { varying }: WaveformCall) =>
    tf.tidy(() => {
      const everywhere = random.normal(sounds.shape) as tf.Tensor2D; // [batch, samples]
      const added = varying ? everywhere.mul<tf.Tensor2D>(placesBefore(endsOf(sounds), sounds.shape[1])) : everywhere;
      return withNoise(sounds, added, drawBetween(random, sounds.shape[0], least, most));
    });
  return Object.assign(change, { config: { kind: 'noise', least, most }, on: 'samples' as const });
}

/** Adds noise to sounds, `[batch, samples]` both, at a ratio of energies in decibels, `[batch, 1]`. */
export function withNoise(sounds: tf.Tensor2D, added: tf.Tensor2D, decibels: tf.Tensor2D): tf.Tensor2D {
  const energy = (x: tf.Tensor) => x.square().sum(1, true); // [batch, 1]
  const wanted = tf.pow(tf.scalar(10), decibels.div(10));
  const scale = energy(sounds).div(energy(added).mul(wanted)).sqrt(); // [batch, 1]
  return sounds.add(added.mul(scale));
}

/** `noise`, as files name it. */
export const noiseKind: Kind<WaveformAugmentation, NoiseOptions> = {
  kind: 'noise',
  about: 'Adds white noise to the sound.',
  options: optionsOf('noise', {
    least: finite.default(10).describe('the least ratio of sound to noise, in decibels'),
    most: finite.default(40).describe('the largest ratio'),
  }),
  build: noise,
};
