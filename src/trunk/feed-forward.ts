import type * as tf from '@tensorflow/tfjs';
import { dropout, layerNorm, linear } from '../layers/index.ts';
import type { Block, BlockContext, Call } from '../task/contract.ts';

/**
 * Makes the last part of a pre-norm transformer block: two dense layers of four times the width with ReLU, added to their input,
 * `[batch, positions, width]` to the same. `norm`: the name of the normalisation before them; `rate`: of the dropout after them.
 */
export function feedForward(context: BlockContext, norm: string, rate: number) {
  const { width, random } = context;
  const normOfDense = layerNorm(context, norm, width);
  const widen = linear(context, 'dense-1', width, 4 * width, { activation: 'relu' });
  const narrow = linear(context, 'dense-2', 4 * width, width);
  return (tokens: tf.Tensor3D, call: Call): tf.Tensor3D =>
    tokens.add(dropout(narrow(widen(normOfDense(tokens))), rate, random, call));
}

/** Makes the normalisation that follows the last block of a pre-norm transformer. */
export function finalNorm(context: BlockContext): Block {
  const norm = layerNorm(context, 'norm', context.width);
  return { forward: (tokens) => norm(tokens) };
}
