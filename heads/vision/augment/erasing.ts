import * as tf from '@tensorflow/tfjs';
import type { Randomness } from 'banyan-ml';
import { check, type Kind, optionsOf, share } from 'banyan-ml/plugin';
import type { ImageAugmentation } from './augmentation.ts';
import { drawBetween, insideOf } from './draw.ts';

/** A rectangle's height over its width is between this and its inverse (Zhong et al. 2020, section 4.1.2). */
const FLATTEST = 0.3;

export interface ErasingOptions {
  /** The share of the images of which something is erased. Default 0.5. */
  readonly rate?: number;
  /** The least part of an image's area that is erased. Default 0.02. */
  readonly least?: number;
  /** The largest part. Default 0.4. */
  readonly most?: number;
}

/**
 * Makes an augmentation that fills a rectangle of an image with noise from 0 to 1 (Zhong et al. 2020, "Random Erasing Data Augmentation",
 * algorithm 1, with random values): its area and the logarithm of its proportions are drawn evenly. The paper draws again where the
 * rectangle does not fit; here it is made as long as the image.
 * @throws BanyanError `argument` for shares that are not from 0 to 1, or a least one above the largest.
 */
export function erasing(options: ErasingOptions = {}): ImageAugmentation {
  const { rate = 0.5, least = 0.02, most = 0.4 } = options;
  check('erasing', { rate, least, most }, share);
  check('erasing', { least }, share.max(most, `a number up to \`most\`, ${most}`));
  const change = (images: tf.Tensor4D, random: Randomness) =>
    tf.tidy(() => {
      const [batch, rows, columns] = images.shape;
      const area = drawBetween(random, batch, least, most).mul(rows * columns); // [batch, 1, 1, 1]
      const proportion = drawBetween(random, batch, Math.log(FLATTEST), -Math.log(FLATTEST)).exp();
      const height = area.mul(proportion).sqrt().round().minimum(rows);
      const width = area.div(proportion).sqrt().round().minimum(columns);
      const place = (room: tf.Tensor) => random.uniform([batch, 1, 1, 1]).mul(room.add(1)).floor();
      const [top, left] = [place(tf.sub(rows, height)), place(tf.sub(columns, width))];
      const chosen = random.uniform([batch, 1, 1, 1]).less(rate).cast('float32');
      const erased = insideOf({ top, left, height, width }, rows, columns).mul(chosen).greater(0); // [batch, height, width, 1]
      return tf.where(erased, random.uniform(images.shape), images) as tf.Tensor4D;
    });
  return Object.assign(change, { config: { kind: 'erasing', rate, least, most } });
}

/** `erasing`, as files name it. */
export const erasingKind: Kind<ImageAugmentation, ErasingOptions> = {
  kind: 'erasing',
  about: 'Fills a rectangle of some pictures with noise (Zhong et al. 2020).',
  options: optionsOf('erasing', {
    rate: share.default(0.5).describe('share of the pictures of which something is erased'),
    least: share.default(0.02).describe('the least part of the area that is erased'),
    most: share.default(0.4).describe('the largest part'),
  }),
  build: erasing,
};
