import * as tf from '@tensorflow/tfjs';

/**
 * Convolves each channel of `seen [batch, (size - 1) * dilation + positions, width]` by `kernel [size, 1, width, 1]` to `[batch, positions,
 * width]`: position t of the result sees t, t + dilation, …
 *
 * A dilation d is folded away: position t lies in row t / d and column t mod d of a table, where the kernel covers neighbours of one
 * column. TensorFlow has no dilated depthwise convolution on a CPU, and tfjs no gradient of one.
 */
export function foldedConvolution(seen: tf.Tensor, kernel: tf.Tensor, dilation: number): tf.Tensor3D {
  const [batch, length, width] = seen.shape as [number, number, number];
  const size = kernel.shape[0]!;
  const positions = length - (size - 1) * dilation;
  const rows = Math.ceil(positions / dilation);
  const padded = tf.pad(seen, [
    [0, 0],
    [0, rows * dilation - positions],
    [0, 0],
  ]);
  const table = padded.reshape([batch, size - 1 + rows, dilation, width]) as tf.Tensor4D;
  const convolved = tf.depthwiseConv2d(table, kernel as tf.Tensor4D, 1, 'valid') as tf.Tensor; // [batch, rows, dilation, width]
  const flat = convolved.reshape([batch, rows * dilation, width]);
  return flat.slice([0, 0, 0], [batch, positions, width]) as tf.Tensor3D;
}
