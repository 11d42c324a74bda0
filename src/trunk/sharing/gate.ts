import * as tf from '@tensorflow/tfjs';
import { linear, maskedMean } from '../../layers/index.ts';
import type { BlockContext, Call } from '../../task/contract.ts';

/** Says from tokens `[batch, positions, width]` how much a task takes of each expert, `[batch, experts]`; it sums to 1 for each example. */
export type Gate = (tokens: tf.Tensor3D, call: Call) => tf.Tensor2D;

/** Makes the gate `softmax(W x)` over so many experts, x the mean of the tokens. */
export function softmaxGate(context: BlockContext, experts: number): Gate {
  const logits = linear(context, 'logits', context.width, experts, { bias: false });
  return (tokens, call) => tf.softmax(logits(maskedMean(tokens, call))); // [batch, experts]
}

/** Mixes experts, `Σ_i w_i h_i`: weights `[batch, experts]`, one h `[batch, positions, width]` for each expert. */
export function mix(weights: tf.Tensor2D, experts: readonly tf.Tensor3D[]): tf.Tensor3D {
  const [batch] = weights.shape;
  const each = tf.split(weights, experts.length, 1); // [batch, 1] for each expert
  const terms = experts.map((tokens, i) => tokens.mul(each[i]!.reshape([batch, 1, 1])) as tf.Tensor3D);
  return terms.length === 1 ? terms[0]! : (tf.addN(terms) as tf.Tensor3D);
}
