import * as tf from '@tensorflow/tfjs';
import { blended } from './blend.ts';

// Further operations of the Python Imaging Library, as torchvision has them for tensors of numbers from 0 to 1.

/** A pixel counts 5 among the 9 around it, by whose sum is divided. */
const SMOOTH = [1, 1, 1, 1, 5, 1, 1, 1, 1].map((weight) => weight / 13);

/** Makes images sharper by a factor `[batch, 1, 1, 1]` above 1, and smoother by one below; their outermost pixels stay. */
export function withSharpness(images: tf.Tensor4D, factor: tf.Tensor): tf.Tensor4D {
  const [, height, width, channels] = images.shape;
  if (height < 3 || width < 3) return images;
  const kernel = tf.tensor4d(SMOOTH, [3, 3, 1, 1]).tile([1, 1, channels, 1]) as tf.Tensor4D;
  const inner = tf.depthwiseConv2d(images, kernel, 1, 'valid'); // [batch, height - 2, width - 2, channels]
  const frame = tf.sub(
    1,
    tf.ones([1, height - 2, width - 2, 1]).pad([
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ]),
  ); // [1, height, width, 1]
  const smooth = inner
    .pad([
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ])
    .add(images.mul(frame)); // [batch, height, width, channels]
  return blended(images, smooth, factor);
}

/** Leaves so many upper bits, `[batch, 1, 1, 1]`, of the byte that each number is, over 255. */
export function posterized(images: tf.Tensor4D, bits: tf.Tensor): tf.Tensor4D {
  const levels = tf.pow(tf.scalar(2), bits);
  return images
    .mul(levels)
    .floor()
    .minimum(levels.sub(1))
    .div(levels)
    .mul(256 / 255) as tf.Tensor4D;
}

/** Turns all numbers from a threshold on, `[batch, 1, 1, 1]`, into 1 less them. */
export const solarized = (images: tf.Tensor4D, threshold: tf.Tensor): tf.Tensor4D =>
  tf.where(images.greaterEqual(threshold), tf.sub(1, images), images) as tf.Tensor4D;

/** Spreads the numbers of each channel of each image from 0 to 1; a channel of one number stays. */
export function withAutoContrast(images: tf.Tensor4D): tf.Tensor4D {
  const least = images.min([1, 2], true); // [batch, 1, 1, channels]
  const range = images.max([1, 2], true).sub(least);
  const even = range.equal(0);
  const spread = images.sub(least).div(tf.where(even, tf.onesLike(range), range));
  return tf.where(even, images, spread) as tf.Tensor4D;
}
