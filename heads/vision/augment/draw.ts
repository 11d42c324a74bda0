import * as tf from '@tensorflow/tfjs';
import type { Randomness } from 'banyan-ml';

/** Draws a number for each image, all from `low` to `high` equally likely: `[batch, 1, 1, 1]`. */
export const drawBetween = (random: Randomness, batch: number, low: number, high: number): tf.Tensor =>
  random
    .uniform([batch, 1, 1, 1])
    .mul(high - low)
    .add(low);

/** A rectangle in each image, in pixels, `[batch, 1, 1, 1]` each. It may reach beyond the image. */
export interface Boxes {
  readonly top: tf.Tensor;
  readonly left: tf.Tensor;
  readonly height: tf.Tensor;
  readonly width: tf.Tensor;
}

/** Marks the pixels inside of the boxes by 1, others by 0: `[batch, height, width, 1]`. */
export function insideOf({ top, left, height, width }: Boxes, rows: number, columns: number): tf.Tensor4D {
  const within = (count: number, axis: 1 | 2, begin: tf.Tensor, size: tf.Tensor) => {
    const shape = axis === 1 ? [1, count, 1, 1] : [1, 1, count, 1];
    const places = tf.range(0, count, 1, 'float32').reshape(shape);
    return places.greaterEqual(begin).logicalAnd(places.less(begin.add(size)));
  };
  return within(rows, 1, top, height)
    .logicalAnd(within(columns, 2, left, width))
    .cast('float32') as tf.Tensor4D;
}
