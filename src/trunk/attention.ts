import * as tf from '@tensorflow/tfjs';
import type { BlockContext, Call } from '../task/contract.ts';
import { linear } from './layers/index.ts';

// Added to the score of a padded position: its weight becomes exactly 0 in float32.
const NEVER = -1e9;

/** Multi-head self-attention (Vaswani et al. 2017, section 3.2), `[batch, positions, width]` to the same. */
export function selfAttention(context: BlockContext, name: string, heads: number) {
  const { width } = context;
  const size = width / heads;
  const project = linear(context, `${name}/query-key-value`, width, 3 * width);
  const merge = linear(context, `${name}/output`, width, width);

  return (tokens: tf.Tensor3D, call: Call): tf.Tensor3D => {
    const [batch, positions] = tokens.shape;
    // One transposition for all three, after which each lies in one piece.
    const projected = project(tokens).reshape([batch, positions, 3, heads, size]).transpose([2, 0, 3, 1, 4]);
    const [q, k, v] = tf.split(projected, 3, 0).map((part) => part.reshape([batch, heads, positions, size])) as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
    ]; // [batch, heads, positions, size]
    let scores = tf.matMul(q.mul(1 / Math.sqrt(size)), k, false, true); // [batch, heads, positions, positions]
    if (call.mask !== undefined) {
      const bias = tf.sub(1, call.mask).mul(NEVER); // [batch, positions]
      scores = scores.add(bias.reshape([batch, 1, 1, positions]));
    }
    const mixed = tf.matMul(tf.softmax(scores), v); // [batch, heads, positions, size]
    return merge(mixed.transpose([0, 2, 1, 3]).reshape([batch, positions, width]) as tf.Tensor3D);
  };
}
