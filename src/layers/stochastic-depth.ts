import type * as tf from '@tensorflow/tfjs';
import type { Randomness } from '../random/randomness.ts';
import type { Call } from '../task/contract.ts';

/**
 * Drops what a residual branch adds, `[batch, …]`, for whole samples (Huang et al. 2016, "Deep Networks with Stochastic Depth"): in training
 * it is 0 for a sample with probability `rate`, else scaled up by `1 / (1 - rate)`, so that inference needs nothing. (The paper scales down in
 * inference instead.)
 */
export function stochasticDepth<T extends tf.Tensor>(added: T, rate: number, random: Randomness, call: Call): T {
  if (!call.training || rate === 0) return added;
  const samples = [added.shape[0]!, ...added.shape.slice(1).map(() => 1)]; // [batch, 1, …]
  const kept = random.uniform(samples).greaterEqual(rate).cast('float32');
  return added.mul(kept.mul(1 / (1 - rate))) as T;
}
