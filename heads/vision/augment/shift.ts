import * as tf from '@tensorflow/tfjs';
import type { Randomness } from 'banyan-ml';
import { check, type Kind, optionsOf, share as shareLeaf } from 'banyan-ml/plugin';
import type { ImageAugmentation } from './augmentation.ts';
import { drawBetween } from './draw.ts';
import { warp } from './warp.ts';

export interface ShiftOptions {
  /** The largest part of the height, and of the width, by which an image is moved, from 0 to 1. */
  readonly share: number;
}

/**
 * Makes an augmentation that moves each image up to a share of its size each way, by whole pixels, so that nothing is blurred.
 * @throws BanyanError `argument` for a share that is not from 0 to 1.
 */
export function shift({ share }: ShiftOptions): ImageAugmentation {
  check('shift', { share }, shareLeaf);
  const change = (images: tf.Tensor4D, random: Randomness) =>
    tf.tidy(() => {
      const [batch, height, width] = images.shape;
      const draw = (size: number) => drawBetween(random, batch, -share * size, share * size).round(); // [batch, 1, 1, 1]
      return warp(images, { x: draw(width), y: draw(height) });
    });
  return Object.assign(change, { config: { kind: 'shift', share }, moves: true });
}

/** `shift`, as files name it. */
export const shiftKind: Kind<ImageAugmentation, ShiftOptions> = {
  kind: 'shift',
  about: 'Moves the picture by up to a share of its size.',
  options: optionsOf('shift', { share: shareLeaf.default(0.1).describe('the largest part of height and width') }),
  build: shift,
};
