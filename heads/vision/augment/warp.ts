import * as tf from '@tensorflow/tfjs';

/** Where a pixel of a changed image comes from: `[batch, 1, 1, 1]` each, with columns and rows counted from the middle of the image. */
export interface Affine {
  /** `column = xx * column + xy * row + x` of the image that there was. */
  readonly xx?: tf.Tensor;
  readonly xy?: tf.Tensor;
  readonly x?: tf.Tensor;
  /** `row = yx * column + yy * row + y` of the image that there was. */
  readonly yx?: tf.Tensor;
  readonly yy?: tf.Tensor;
  readonly y?: tf.Tensor;
}

/**
 * Takes each pixel of the images from where the map says, between pixels from the four around it (bilinear interpolation), and 0 from outside
 * of the image: what `affine` of torchvision does with tensors.
 */
export function warp(images: tf.Tensor4D, { xx, xy, x, yx, yy, y }: Affine): tf.Tensor4D {
  const [batch, height, width, channels] = images.shape;
  // A frame of zeros around each image, so that no place needs a question whether it lies inside.
  const [rows, columns] = [height + 2, width + 2];
  const framed = images
    .pad([
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ])
    .reshape([batch * rows * columns, channels]); // [batch * rows * columns, channels]
  const row = centred(height).reshape([1, height, 1, 1]);
  const column = centred(width).reshape([1, 1, width, 1]);
  const across = total([xx === undefined ? column : column.mul(xx), xy?.mul(row), x]); // [batch or 1, height or 1, width, 1]
  const down = total([yy === undefined ? row : row.mul(yy), yx?.mul(column), y]);
  const [left, right] = neighbours(across, width);
  const [top, bottom] = neighbours(down, height);
  const first = tf
    .range(0, batch, 1, 'int32')
    .mul(tf.scalar(rows * columns, 'int32'))
    .reshape([batch, 1, 1, 1]);
  const corner = (vertical: Neighbour, horizontal: Neighbour): tf.Tensor => {
    const line = vertical.place.mul(tf.scalar(columns, 'int32')).add(horizontal.place).add(first); // [batch, height, width, 1]
    const whole = line.add(tf.zeros([batch, height, width, 1], 'int32')).reshape([batch, height, width]) as tf.Tensor3D;
    return tf.gather<tf.Tensor>(framed, whole).mul(vertical.weight).mul(horizontal.weight); // [batch, height, width, channels]
  };
  return tf.addN([corner(top, left), corner(top, right), corner(bottom, left), corner(bottom, right)]) as tf.Tensor4D;
}

/** One of the two pixels around a place along an axis: its number in the framed image, int32, and its weight. */
interface Neighbour {
  readonly place: tf.Tensor;
  readonly weight: tf.Tensor;
}

/** The places of pixels, from the middle of `count` of them. */
const centred = (count: number): tf.Tensor1D => tf.range(0, count, 1, 'float32').sub((count - 1) / 2);

const total = (terms: readonly (tf.Tensor | undefined)[]): tf.Tensor =>
  terms.flatMap((term) => term ?? []).reduce((sum, term) => sum.add(term));

function neighbours(fromMiddle: tf.Tensor, count: number): readonly [Neighbour, Neighbour] {
  const place = fromMiddle.add((count - 1) / 2).clipByValue(-1, count);
  const before = place.floor().minimum(count - 1);
  const weight = place.sub(before);
  // The frame moves all numbers by one.
  const number = before.add(1).cast('int32');
  return [
    { place: number, weight: tf.sub(1, weight) },
    { place: number.add(tf.scalar(1, 'int32')), weight },
  ];
}
