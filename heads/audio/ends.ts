import * as tf from '@tensorflow/tfjs';

/** Where each of the sounds `[batch, samples]` ends: after its last sample that is not 0, and not before one. Float32 `[batch, 1]`. */
export function endsOf(sounds: tf.Tensor2D): tf.Tensor2D {
  const places = tf.range(1, sounds.shape[1] + 1, 1, 'float32'); // [samples]
  const sounding = sounds.notEqual(0).cast('float32').mul(places); // [batch, samples]
  return sounding.max(1, true).maximum(1) as tf.Tensor2D;
}

/** Says which of so many places, `step` samples apart, lie before the end `[batch, 1]` of a sound: 1 or 0, `[batch, count]`. */
export const placesBefore = (ends: tf.Tensor2D, count: number, step = 1): tf.Tensor2D =>
  tf.range(0, count, 1, 'float32').mul(step).less(ends).cast('float32');
