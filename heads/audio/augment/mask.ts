import * as tf from '@tensorflow/tfjs';
import type { Randomness } from 'banyan-ml';
import { check, type Kind, optionsOf, wholeNumber } from 'banyan-ml/plugin';
import { drawBand, type SpectrogramAugmentation } from './augmentation.ts';

/** Makes an augmentation that sets 0 to `frames` neighbouring frames to 0, the mean (Park et al. 2019, "SpecAugment", section 2). */
export function maskTime(options: { readonly frames: number }): SpectrogramAugmentation {
  check('maskTime', options, wholeNumber(0));
  const mask = (spectrograms: tf.Tensor3D, random: Randomness) =>
    tf.tidy(() => {
      const [batch, count] = spectrograms.shape;
      const kept = drawBand(random, batch, count, options.frames).logicalNot().cast('float32').expandDims(2); // [batch, frames, 1]
      return spectrograms.mul(kept) as tf.Tensor3D; // [batch, frames, mels]
    });
  return Object.assign(mask, { config: { kind: 'mask-time', frames: options.frames } });
}

/** Makes an augmentation that sets 0 to `mels` neighbouring mel filters to 0, the mean (Park et al. 2019, "SpecAugment", section 2). */
export function maskMels(options: { readonly mels: number }): SpectrogramAugmentation {
  check('maskMels', options, wholeNumber(0));
  const mask = (spectrograms: tf.Tensor3D, random: Randomness) =>
    tf.tidy(() => {
      const [batch, , count] = spectrograms.shape;
      const kept = drawBand(random, batch, count, options.mels).logicalNot().cast('float32').expandDims(1); // [batch, 1, mels]
      return spectrograms.mul(kept) as tf.Tensor3D; // [batch, frames, mels]
    });
  return Object.assign(mask, { config: { kind: 'mask-mels', mels: options.mels } });
}

/** `maskTime`, as files name it. */
export const maskTimeKind: Kind<SpectrogramAugmentation, { readonly frames: number }> = {
  kind: 'mask-time',
  about: 'Silences up to so many neighbouring frames of the spectrogram (SpecAugment: Park et al. 2019).',
  options: optionsOf('mask-time', { frames: wholeNumber(0).default(10).describe('frames at most') }),
  build: maskTime,
};

/** `maskMels`, as files name it. */
export const maskMelsKind: Kind<SpectrogramAugmentation, { readonly mels: number }> = {
  kind: 'mask-mels',
  about: 'Silences up to so many neighbouring bands of the spectrogram (SpecAugment: Park et al. 2019).',
  options: optionsOf('mask-mels', { mels: wholeNumber(0).default(6).describe('bands at most') }),
  build: maskMels,
};
