import * as tf from '@tensorflow/tfjs';
import type { Call, Randomness } from 'banyan-ml';
import { drawMixing } from 'banyan-ml/layers';
import { check, type Kind, optionsOf, positive } from 'banyan-ml/plugin';
import type { ImageAugmentation } from './augmentation.ts';
import { type Boxes, insideOf } from './draw.ts';

export interface CutmixOptions {
  /** The share of an image that stays is drawn from Beta(α, α). Default 1: all shares alike. */
  readonly alpha?: number;
}

/**
 * Makes an augmentation that puts a rectangle of another image of the batch into each, and mixes the labels by its area (Yun et al. 2019,
 * "CutMix", equations 1 and 2; its middle may be anywhere, and what lies beyond the image is cut off, as in the authors' program).
 * @throws BanyanError `argument` for an alpha that is not above 0.
 */
export function cutmix(options: CutmixOptions = {}): ImageAugmentation {
  const { alpha = 1 } = options;
  check('cutmix', { alpha }, positive);
  const change = (images: tf.Tensor4D, random: Randomness, call: Call) => {
    if (call.mixed === undefined) return images;
    const [batch, rows, columns] = images.shape;
    const { partners, shares } = drawMixing(batch, alpha, random);
    const whole = (most: number) => random.uniform([batch, 1, 1, 1]).mul(most).floor();
    const boxes = boxesOf(shares.reshape([batch, 1, 1, 1]), whole(rows), whole(columns), [rows, columns]);
    const pasted = insideOf(boxes, rows, columns); // [batch, height, width, 1]
    call.mixed({ partners, shares: tf.sub(1, pasted.mean([1, 2, 3])) });
    return tf.where(pasted.greater(0), tf.gather(images, partners), images) as tf.Tensor4D;
  };
  return Object.assign(change, { config: { kind: 'cutmix', alpha }, moves: true });
}

/** Makes the rectangles with these middles that leave about such shares of the images, as torchvision does. */
export function boxesOf(
  shares: tf.Tensor,
  row: tf.Tensor,
  column: tf.Tensor,
  [rows, columns]: readonly [rows: number, columns: number],
): Boxes {
  const half = tf.sub(1, shares).sqrt().mul(0.5); // [batch, 1, 1, 1], of a side
  const [tall, wide] = [half.mul(rows).floor(), half.mul(columns).floor()];
  return { top: row.sub(tall), left: column.sub(wide), height: tall.mul(2), width: wide.mul(2) };
}

/** `cutmix`, as files name it. */
export const cutmixKind: Kind<ImageAugmentation, CutmixOptions> = {
  kind: 'cutmix',
  about: 'Puts a rectangle of another picture into each, and mixes the labels by its area (Yun et al. 2019).',
  options: optionsOf('cutmix', { alpha: positive.default(1).describe('how large: shares are drawn from Beta(α, α)') }),
  build: cutmix,
};
