import * as tf from '@tensorflow/tfjs';

/** The two forms in which networks use GELU: see `gelu`. */
export type GeluForm = 'erf' | 'tanh';

/**
 * Computes x times the probability that a standard normal number is below x (Hendrycks and Gimpel 2016, "Gaussian error linear units",
 * section 2): `erf` by the error function, as BERT and ViT do, `tanh` by the approximation given there, as GPT-2 does.
 */
export function gelu<T extends tf.Tensor>(x: T, form: GeluForm = 'erf'): T {
  const half = x.mul(0.5);
  const inner =
    form === 'erf'
      ? tf.erf(x.mul(Math.SQRT1_2))
      : x
          .mul(x.square().mul(0.044715).add(1))
          .mul(Math.sqrt(2 / Math.PI))
          .tanh();
  return half.mul(inner.add(1)) as T;
}
