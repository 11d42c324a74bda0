import * as tf from '@tensorflow/tfjs';
import { BanyanError } from 'banyan-ml';

// The operations of the Python Imaging Library's ImageEnhance, as torchvision has them for tensors. Factors are [batch, 1, 1, 1]; 1 leaves an
// image as it is.

/** What the eye makes of red, green and blue (ITU-R BT.601). */
const LUMA = [0.2989, 0.587, 0.114];

/** Mixes images with others, `factor` of the first, and keeps the result from 0 to 1. */
export const blended = (images: tf.Tensor4D, others: tf.Tensor | number, factor: tf.Tensor): tf.Tensor4D =>
  images.mul(factor).add(tf.sub(1, factor).mul(others)).clipByValue(0, 1) as tf.Tensor4D;

/** The images without their colours: `[batch, height, width, 1]`. */
export function greyOf(images: tf.Tensor4D): tf.Tensor4D {
  if (images.shape[3] === 1) return images;
  assertColours('grey', images);
  return images.mul(tf.tensor1d(LUMA)).sum(3, true);
}

export const withBrightness = (images: tf.Tensor4D, factor: tf.Tensor): tf.Tensor4D => blended(images, 0, factor);

export const withContrast = (images: tf.Tensor4D, factor: tf.Tensor): tf.Tensor4D =>
  blended(images, greyOf(images).mean([1, 2, 3], true), factor);

export const withSaturation = (images: tf.Tensor4D, factor: tf.Tensor): tf.Tensor4D =>
  blended(images, greyOf(images), factor);

/**
 * Turns the colours by a part of the circle, -0.5 to 0.5, `[batch, 1, 1, 1]`: by hue, saturation and value (Smith 1978, "Color Gamut Transform
 * Pairs").
 */
export function withHue(images: tf.Tensor4D, turn: tf.Tensor): tf.Tensor4D {
  assertColours('hue', images);
  const [red, green, blue] = tf.split(images, 3, 3) as [tf.Tensor, tf.Tensor, tf.Tensor]; // [batch, height, width, 1] each
  const value = images.max(3, true);
  const range = value.sub(images.min(3, true));
  const grey = range.equal(0);
  const divisor = tf.where(grey, tf.onesLike(range), range);
  const sector = (a: tf.Tensor, b: tf.Tensor, begin: number) => a.sub(b).div(divisor).add(begin);
  const other = tf.where(value.equal(green), sector(blue, red, 2), sector(red, green, 4));
  const hue = tf.where(value.equal(red), sector(green, blue, 0), other).add(turn.mul(6)); // In sixths of the circle.
  const channel = (begin: number) => {
    const place = hue.add(begin);
    const within = place.sub(place.div(6).floor().mul(6)); // From 0 to 6.
    const slope = tf.minimum(within, tf.sub(4, within)).clipByValue(0, 1);
    return value.sub(range.mul(slope));
  };
  return tf.concat([channel(5), channel(3), channel(1)], 3) as tf.Tensor4D;
}

/** @throws BanyanError `argument` for pictures that have no colours. */
export function assertColours(what: string, { shape: [, , , channels] }: tf.Tensor4D): void {
  if (channels === 3) return;
  throw new BanyanError(
    'argument',
    `An augmentation changes the ${what} of pictures with 3 channels, received ${channels}. Leave it out for pictures without colours.`,
  );
}
