import * as tf from '@tensorflow/tfjs';
import type { Randomness } from 'banyan-ml';
import { checkWhole } from '../check.ts';
import { drawBand, type SpectrogramAugmentation } from './augmentation.ts';

/** Sets 0 to `frames` neighbouring frames to 0, the mean (Park et al. 2019, "SpecAugment", section 2). */
export function maskTime(options: { readonly frames: number }): SpectrogramAugmentation {
  checkWhole('maskTime', 0, options);
  const mask = (spectrograms: tf.Tensor3D, random: Randomness) =>
    tf.tidy(() => {
      const [batch, count] = spectrograms.shape;
      const kept = drawBand(random, batch, count, options.frames).logicalNot().cast('float32').expandDims(2); // [batch, frames, 1]
      return spectrograms.mul(kept) as tf.Tensor3D; // [batch, frames, mels]
    });
  return Object.assign(mask, { config: { kind: 'mask-time', frames: options.frames } });
}

/** Sets 0 to `mels` neighbouring mel filters to 0, the mean (Park et al. 2019, "SpecAugment", section 2). */
export function maskMels(options: { readonly mels: number }): SpectrogramAugmentation {
  checkWhole('maskMels', 0, options);
  const mask = (spectrograms: tf.Tensor3D, random: Randomness) =>
    tf.tidy(() => {
      const [batch, , count] = spectrograms.shape;
      const kept = drawBand(random, batch, count, options.mels).logicalNot().cast('float32').expandDims(1); // [batch, 1, mels]
      return spectrograms.mul(kept) as tf.Tensor3D; // [batch, frames, mels]
    });
  return Object.assign(mask, { config: { kind: 'mask-mels', mels: options.mels } });
}
