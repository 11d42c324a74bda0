import type * as tf from '@tensorflow/tfjs';
import type { Call } from '../task/contract.ts';

/** Takes the mean over the positions that are tokens: `[batch, positions, width]` to `[batch, width]`. */
export function maskedMean(tokens: tf.Tensor3D, call: Call): tf.Tensor2D {
  if (call.mask === undefined) return tokens.mean(1);
  const weight = call.mask.expandDims(2); // [batch, positions, 1]
  return tokens.mul(weight).sum(1).div(weight.sum(1).maximum(1)) as tf.Tensor2D;
}
