import * as tf from '@tensorflow/tfjs';
import type { Randomness } from 'banyan-ml';
import { type Kind, optionsOf } from 'banyan-ml/plugin';
import type { ImageAugmentation } from './augmentation.ts';

/** Makes an augmentation that mirrors each image left to right with probability one half. */
export function horizontalFlip(): ImageAugmentation {
  const flip = (images: tf.Tensor4D, random: Randomness) =>
    tf.tidy(() => {
      const chosen = random.uniform([images.shape[0], 1, 1, 1]).less(0.5); // [batch, 1, 1, 1]
      return tf.where(chosen, images.reverse(2), images) as tf.Tensor4D; // [batch, height, width, channels]
    });
  return Object.assign(flip, { config: { kind: 'horizontal-flip' }, moves: true });
}

/** `horizontalFlip`, as files name it. */
export const horizontalFlipKind: Kind<ImageAugmentation> = {
  kind: 'horizontal-flip',
  about: 'Mirrors half of the pictures left to right; not for letters, digits and whatever has a direction.',
  options: optionsOf('horizontal-flip', {}),
  build: horizontalFlip,
};
