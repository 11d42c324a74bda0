import * as tf from '@tensorflow/tfjs';

/** Computes the softmax over those of `logits [tasks]` for which `present [tasks]` is 1, and 0 for the others: `[tasks]`. */
export function softmaxInGraph(logits: tf.Tensor, present: tf.Tensor): tf.Tensor {
  // Three times this is still a float32.
  const LARGE = 1e38;
  const bounded = logits.clipByValue(-LARGE, LARGE); // [tasks]
  const masked = bounded.mul(present).add(present.sub(1).mul(2 * LARGE)); // [tasks]
  const powers = masked.sub(masked.max()).exp().mul(present); // [tasks]
  // The largest power is 1; without any task present all are 0.
  return powers.div(tf.maximum(powers.sum(), 1e-30)); // [tasks]
}
