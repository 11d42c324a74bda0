import * as tf from '@tensorflow/tfjs';
import type { Randomness } from 'banyan-ml';
import { check, type Kind, optionsOf, wholeNumber } from 'banyan-ml/plugin';
import { drawWhole, type SpectrogramAugmentation, type SpectrogramCall } from './augmentation.ts';

/** Makes an augmentation that delays each recording by 0 to `frames` frames; it begins with silence, and its end is cut off. */
export function timeShift(options: { readonly frames: number }): SpectrogramAugmentation {
  check('timeShift', options, wholeNumber(0));
  const shift = (spectrograms: tf.Tensor3D, random: Randomness, { silence }: SpectrogramCall) =>
    tf.tidy(() => {
      const [batch, count, mels] = spectrograms.shape;
      const most = Math.min(options.frames, count);
      const delay = drawWhole(random, batch, most).cast('int32'); // [batch, 1]
      // All delayed by `most`; then each sample's rows from `most - delay` on, as row numbers of one long table.
      const rows = count + most;
      const padded = spectrograms
        .pad(
          [
            [0, 0],
            [most, 0],
            [0, 0],
          ],
          silence,
        )
        .reshape([batch * rows, mels]); // [batch * rows, mels]
      const first = tf.range(0, batch, 1, 'int32').mul(tf.scalar(rows, 'int32')).expandDims(1); // [batch, 1]
      const begin = first.add(tf.scalar(most, 'int32')).sub(delay); // [batch, 1]
      const from = begin.add(tf.range(0, count, 1, 'int32').expandDims(0)); // [batch, frames]
      return tf.gather(padded, from as tf.Tensor2D) as tf.Tensor3D; // [batch, frames, mels]
    });
  return Object.assign(shift, { config: { kind: 'time-shift', frames: options.frames } });
}

/** `timeShift`, as files name it. */
export const timeShiftKind: Kind<SpectrogramAugmentation, { readonly frames: number }> = {
  kind: 'time-shift',
  about: 'Delays the sound by up to so many frames of its spectrogram.',
  options: optionsOf('time-shift', { frames: wholeNumber(0).default(10).describe('frames at most') }),
  build: timeShift,
};
