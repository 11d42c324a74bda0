import * as tf from '@tensorflow/tfjs';
import type { Randomness } from 'banyan-ml';
import { check, count, type Kind, optionsOf } from 'banyan-ml/plugin';
import type { ImageAugmentation } from './augmentation.ts';
import { drawBetween } from './draw.ts';
import { warp } from './warp.ts';

export interface CropOptions {
  /** So many pixels of 0 are put around an image, before a piece of its own size is cut out anywhere. */
  readonly padding: number;
}

/**
 * Makes an augmentation that pads each image and cuts a piece of the old size out of it (He et al. 2016, "Deep Residual Learning", section
 * 4.2): it moves by up to `padding` whole pixels each way.
 * @throws BanyanError `argument` for a padding that is no whole number >= 1.
 */
export function crop({ padding }: CropOptions): ImageAugmentation {
  check('crop', { padding }, count);
  const change = (images: tf.Tensor4D, random: Randomness) =>
    tf.tidy(() => {
      const [batch] = images.shape;
      const draw = () =>
        drawBetween(random, batch, 0, 2 * padding + 1)
          .floor()
          .sub(padding); // [batch, 1, 1, 1]
      return warp(images, { x: draw(), y: draw() });
    });
  return Object.assign(change, { config: { kind: 'crop', padding }, moves: true });
}

/** `crop`, as files name it. */
export const cropKind: Kind<ImageAugmentation, CropOptions> = {
  kind: 'crop',
  about: 'Pads the picture, and cuts a piece of the old size out of it anywhere (He et al. 2016).',
  options: optionsOf('crop', { padding: count.default(4).describe('pixels that are put around the picture') }),
  build: crop,
};
