import type * as tf from '@tensorflow/tfjs';
import type { Randomness } from '../random/randomness.ts';
import type { Call } from '../task/contract.ts';

/** Drops numbers (inverted dropout, Srivastava et al. 2014): in training each number is 0 with probability `rate`, else scaled up. */
export function dropout<T extends tf.Tensor>(x: T, rate: number, random: Randomness, call: Call): T {
  if (!call.training || rate === 0) return x;
  const kept = random.uniform(x.shape).greaterEqual(rate).cast('float32');
  return x.mul(kept.mul(1 / (1 - rate))) as T;
}
