import * as tf from '@tensorflow/tfjs';
import { hasKernels, hasOperations, operation, typeAttributes } from '../runtime/index.ts';

// Keeps the quotient finite for gradients of 0; the same as in PyTorch.
const EPSILON = 1e-6;

/** Euclidean length of all gradients together. */
export function globalNorm(gradients: readonly tf.Tensor[]): tf.Scalar {
  return tf.tidy(() => {
    if (gradients.length === 0) return tf.scalar(0);
    if (hasKernels()) return operation<tf.Scalar>('BanyanSumOfSquares', gradients).sqrt();
    // TensorFlow sums squares without making them.
    const halves = (gradient: tf.Tensor): tf.Scalar =>
      hasOperations() ? operation('L2Loss', [gradient], typeAttributes()) : gradient.square().sum().mul(0.5);
    return tf.addN(gradients.map(halves)).mul(2).sqrt() as tf.Scalar;
  });
}

/**
 * Shortens the gradients by one common factor, so that their global norm is at most `maxNorm` (Pascanu et al. 2013,
 * algorithm 1). `norm` is the one before. A norm that is not finite makes all of them NaN or 0: look at `norm`.
 */
export function clipByGlobalNorm(
  gradients: readonly tf.Tensor[],
  maxNorm: number,
): { readonly clipped: tf.Tensor[]; readonly norm: tf.Scalar } {
  return tf.tidy(() => {
    const norm = globalNorm(gradients);
    if (maxNorm === Number.POSITIVE_INFINITY) return { clipped: [...gradients], norm };
    const factor = tf.div(maxNorm, norm.add(EPSILON)).minimum(1);
    return { clipped: gradients.map((gradient) => gradient.mul(factor)), norm };
  });
}
