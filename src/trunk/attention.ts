import * as tf from '@tensorflow/tfjs';
import { linear } from '../layers/index.ts';
import { scoreBias } from '../layers/score-bias.ts';
import { hasKernels, operation, operations } from '../runtime/index.ts';
import type { BlockContext, Call } from '../task/contract.ts';

/**
 * Makes multi-head self-attention (Vaswani et al. 2017, section 3.2), `[batch, positions, width]` to the same.
 * @param size numbers in a head: `width / heads`, unless heads were pruned.
 */
export function selfAttention(context: BlockContext, name: string, heads: number, size: number) {
  const { width } = context;
  const inner = heads * size;
  const project = linear(context, `${name}/query-key-value`, width, 3 * inner);
  const merge = linear(context, `${name}/output`, inner, width);

  return (tokens: tf.Tensor3D, call: Call): tf.Tensor3D => {
    const [batch, positions] = tokens.shape;
    const packed = project(tokens).reshape([batch, positions, 3, heads, size]) as tf.Tensor5D;
    call.attends?.(weightsOf(packed, call.mask));
    const mixed = (hasKernels() ? mixByKernel : mix)(packed, call.mask); // [batch, positions, heads, size]
    return merge(mixed.reshape([batch, positions, inner]) as tf.Tensor3D);
  };
}

/** Turns packed queries, keys and values `[batch, positions, 3, heads, size]` into what each position gets, `[batch, positions, heads, size]`. */
type Mix = (packed: tf.Tensor5D, mask: tf.Tensor2D | undefined) => tf.Tensor;

const mix: Mix = (packed, mask) => {
  const [queries, keys, values] = piecesOf(packed);
  return tf.matMul(tf.softmax(scoresOf(queries, keys, mask)), values).transpose([0, 2, 1, 3]);
};

/** How much each position takes of each other one, `[batch, heads, positions, positions]`. */
function weightsOf(packed: tf.Tensor5D, mask: tf.Tensor2D | undefined): tf.Tensor4D {
  const [queries, keys] = piecesOf(packed);
  return tf.softmax(scoresOf(queries, keys, mask));
}

/** Queries, keys and values, `[batch, heads, positions, size]` each. */
function piecesOf(packed: tf.Tensor5D): readonly [queries: tf.Tensor4D, keys: tf.Tensor4D, values: tf.Tensor4D] {
  const [batch, positions, , heads, size] = packed.shape;
  // One transposition for all three, after which each lies in one piece.
  const pieces = tf.split(packed.transpose([2, 0, 3, 1, 4]), 3, 0);
  const [q, k, v] = pieces.map((piece) => piece.reshape([batch, heads, positions, size]) as tf.Tensor4D);
  return [q!, k!, v!];
}

/** Scores `[batch, heads, positions, positions]`, those of padding out of reach. */
function scoresOf(queries: tf.Tensor4D, keys: tf.Tensor4D, mask: tf.Tensor2D | undefined): tf.Tensor4D {
  const [batch, , positions, size] = queries.shape;
  const scores = tf.matMul(queries.mul(1 / Math.sqrt(size)), keys, false, true) as tf.Tensor4D;
  return mask === undefined ? scores : scores.add(scoreBias(mask).reshape([batch, 1, 1, positions]));
}

/** Does it without the matrix of all scores, and without a transposition. */
const mixByKernel: Mix = (packed, mask) => attend(packed, mask ?? tf.tensor1d([]));

const attend = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
  const [packed, mask, save] = args as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
  const [mixed, statistics] = operations('BanyanAttention', [packed, mask], 2) as [tf.Tensor, tf.Tensor];
  save([packed, mask, statistics]);
  return {
    value: mixed,
    // A mask is no number that is learned: its gradient is nobody's.
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => [
      operation('BanyanAttentionGrad', [dy, ...saved]),
      tf.zerosLike(saved[1]!),
    ],
  };
});
