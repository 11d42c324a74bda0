import type * as tf from '@tensorflow/tfjs';
import { layerNorm, linear } from '../layers/index.ts';
import type { Block, BlockContext, Call } from '../task/contract.ts';
import { addResidual, type Dropping } from './residual.ts';

/**
 * Makes the last part of a pre-norm transformer block: two dense layers with ReLU between them, added to their input, `[batch, positions, width]` to
 * the same. `norm`: the name of the normalisation before them; `hidden`: the numbers between them.
 */
export function feedForward(context: BlockContext, norm: string, dropping: Dropping, hidden = 4 * context.width) {
  const { width } = context;
  const normOfDense = layerNorm(context, norm, width);
  const widen = linear(context, 'dense-1', width, hidden, { activation: 'relu' });
  const narrow = linear(context, 'dense-2', hidden, width);
  return (tokens: tf.Tensor3D, call: Call): tf.Tensor3D =>
    addResidual(tokens, narrow(widen(normOfDense(tokens))), dropping, context, call);
}

/** Makes the normalisation that follows the last block of a pre-norm transformer. */
export function finalNorm(context: BlockContext, epsilon?: number): Block {
  const norm = layerNorm(context, 'norm', context.width, { epsilon });
  return { forward: (tokens) => norm(tokens) };
}
