import * as tf from '@tensorflow/tfjs';
import type { Randomness } from 'banyan-ml';
import { check, type Kind, number, optionsOf } from 'banyan-ml/plugin';
import type { ImageAugmentation } from './augmentation.ts';
import { drawBetween } from './draw.ts';
import { warp } from './warp.ts';

const angle = number({ least: 0, most: 180 });

export interface RotationOptions {
  /** The largest angle, each way, from 0 to 180. */
  readonly degrees: number;
}

/** Turns each image around its middle, counter-clockwise, by radians `[batch, 1, 1, 1]`. */
export function rotated(images: tf.Tensor4D, radians: tf.Tensor): tf.Tensor4D {
  const [cosine, sine] = [radians.cos(), radians.sin()];
  return warp(images, { xx: cosine, xy: sine.neg(), yx: sine, yy: cosine });
}

/**
 * Makes an augmentation that turns each image around its middle by up to `degrees`, all angles equally likely.
 * @throws BanyanError `argument` for degrees that are not from 0 to 180.
 */
export function rotation({ degrees }: RotationOptions): ImageAugmentation {
  check('rotation', { degrees }, angle);
  const most = (degrees * Math.PI) / 180;
  const change = (images: tf.Tensor4D, random: Randomness) =>
    tf.tidy(() => rotated(images, drawBetween(random, images.shape[0], -most, most)));
  return Object.assign(change, { config: { kind: 'rotation', degrees }, moves: true });
}

/** `rotation`, as files name it. */
export const rotationKind: Kind<ImageAugmentation, RotationOptions> = {
  kind: 'rotation',
  about: 'Turns the picture around its middle by up to an angle.',
  options: optionsOf('rotation', { degrees: angle.default(10).describe('the largest angle, each way') }),
  build: rotation,
};
