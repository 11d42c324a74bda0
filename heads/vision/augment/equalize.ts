import * as tf from '@tensorflow/tfjs';

const LEVELS = 256;

/**
 * Makes all of 256 levels about equally frequent in each channel of each image, by their histogram, as the Python Imaging Library and torchvision
 * do for bytes; a channel with too few pixels below its highest level stays. Numbers from 0 to 1 become those of the nearest byte.
 */
export function equalized(images: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = images.shape;
  const [rows, pixels] = [batch * channels, height * width];
  const last = tf.scalar(LEVELS - 1);
  const levels = images.transpose([0, 3, 1, 2]).mul(last).round().reshape([rows, pixels]); // [rows, pixels]
  const row = tf.range(0, rows, 1, 'int32').mul(tf.scalar(LEVELS, 'int32')).expandDims(1); // [rows, 1]
  const places = levels.cast('int32').add(row).flatten() as tf.Tensor1D; // [rows * pixels]
  const histogram = tf.unsortedSegmentSum(tf.ones([rows * pixels]), places, rows * LEVELS).reshape([rows, LEVELS]);
  const highest = levels.equal(levels.max(1, true)).cast('float32').sum(1, true); // [rows, 1], pixels of the highest level
  const step = tf.sub(pixels, highest).div(last).floor(); // [rows, 1]
  const below = histogram.cumsum(1, true); // [rows, levels], pixels of lower levels
  const spread = below
    .add(step.div(2).floor())
    .div(step.maximum(1))
    .floor()
    .mul(tf.range(0, LEVELS, 1, 'float32').greater(0).cast('float32'))
    .minimum(last); // [rows, levels]
  const table = tf.where(step.greater(0), spread, tf.range(0, LEVELS, 1, 'float32').expandDims(0)).flatten(); // [rows * levels]
  const changed = tf.gather(table, places).div(last).reshape([batch, channels, height, width]);
  return changed.transpose([0, 2, 3, 1]) as tf.Tensor4D; // [batch, height, width, channels]
}
