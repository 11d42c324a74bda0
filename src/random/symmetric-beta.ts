import * as tf from '@tensorflow/tfjs';
import type { Randomness } from './randomness.ts';

/**
 * Draws from Beta(α, α), `[count]`, in the graph: Student's t of 2α degrees by the polar method, which rejects no draw (Bailey 1994, "Polar
 * generation of random variates with the t-distribution"), brought from the line to (0, 1). `alpha` is above 0.
 */
export function symmetricBeta(alpha: number, count: number, random: Randomness): tf.Tensor1D {
  return tf.tidy(() => {
    const power = tf.sub(1, random.uniform([count])).pow(1 / alpha); // [count], in (0, 1]
    const cosine = random
      .uniform([count])
      .mul(2 * Math.PI)
      .cos();
    const square = cosine.square();
    const length = tf.sub(1, power).div(square.add(power.mul(tf.sub(1, square)))); // [count]
    return cosine.mul(length.sqrt()).add(1).div(2).clipByValue(0, 1) as tf.Tensor1D;
  });
}
