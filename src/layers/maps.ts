import * as tf from '@tensorflow/tfjs';

/** What is padding is never the largest of a window. */
const LOWEST = -1e9;

/** Rows and columns that a window covers, or by which it steps. */
export type Window = readonly [rows: number, columns: number];

/** What convolutions in two dimensions go over: pixels, frames and bands of a spectrogram, or positions as rows of one column. */
export interface Maps {
  /** `[batch, rows, columns, channels]` */
  readonly maps: tf.Tensor4D;
  /** `[batch, rows, 1, 1]`, 1 = there, 0 = padding, which is at the end. Absent where every row is there. */
  readonly mask?: tf.Tensor4D;
}

/** The same maps with 0 in the place of padding. */
export const filled = ({ maps, mask }: Maps): tf.Tensor4D => (mask === undefined ? maps : maps.mul<tf.Tensor4D>(mask));

/** The same maps by other means. */
export const withMask = (maps: tf.Tensor4D, mask: tf.Tensor4D | undefined): Maps =>
  mask === undefined ? { maps } : { maps, mask };

/** Which of the rows that are left after steps of such a size begin where one was. */
export const stepped = (mask: tf.Tensor4D | undefined, stride: Window): tf.Tensor4D | undefined =>
  mask === undefined ? undefined : tf.maxPool(mask, 1, [...stride], 'same');

/** Takes the largest number of each window among those that are there. */
export function maxPooled({ maps, mask }: Maps, window: Window, stride: Window): tf.Tensor4D {
  const open = mask === undefined ? maps : filled({ maps, mask }).add<tf.Tensor4D>(mask.sub(1).mul(-LOWEST));
  return tf.maxPool(open, [...window], [...stride], 'same');
}
