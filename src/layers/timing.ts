import * as tf from '@tensorflow/tfjs';
import type { Call } from '../task/contract.ts';

/** Radians in which the slowest wave turns by one. */
const LONGEST_WAVE = 10_000;

/**
 * Adds to each token `[batch, positions, width]` the sines and cosines of its position, from which attention can tell how far apart two
 * tokens are: `sin(t * 10000^(-2i / width))` at number 2i, and the cosine of the same at 2i + 1 (Vaswani et al. 2017, section 3.5). While
 * a sequence is written position by position, `t` is `call.past.at`.
 */
export function timing(tokens: tf.Tensor3D, call: Call): tf.Tensor3D {
  const width = tokens.shape[2];
  const pairs = Math.ceil(width / 2);
  const angles = anglesOf(tokens, call, pairs, width / 2); // [positions, pairs]
  const waves = tf.stack([angles.sin(), angles.cos()], 2).reshape([-1, 2 * pairs]); // [positions, 2 pairs]
  return tokens.add(waves.slice([0, 0], [-1, width])) as tf.Tensor3D;
}

/**
 * Gives the angles of `waves` waves at the position of each token, `[positions, waves]`: wave i turns by `10000^(-i / over)` radians from one
 * position to the next.
 */
export function anglesOf(tokens: tf.Tensor3D, { past }: Call, waves: number, over: number): tf.Tensor2D {
  const frequencies = tf.tensor2d(
    Array.from({ length: waves }, (_, i) => LONGEST_WAVE ** (-i / over)),
    [1, waves],
  );
  const positions = tokens.shape[1];
  const at = past === undefined ? tf.range(0, positions, 1, 'float32') : past.at.cast('float32').reshape([1]); // [positions]
  return tf.matMul(at.expandDims(1) as tf.Tensor2D, frequencies);
}
