import * as tf from '@tensorflow/tfjs';
import { hasKernels, hasOperations, operation, typeAttributes } from '../runtime/index.ts';

/**
 * `x […, channels] + bias [channels]`. On TensorFlow by its operation for that, which a convolution or product before it takes
 * in. Its gradient has none of its own.
 */
export function addBias<T extends tf.Tensor>(x: T, bias: tf.Tensor): T {
  const own = hasOperations() && x.rank >= 2 && x.dtype === 'float32' && bias.dtype === 'float32';
  return (own ? addOnTensorFlow(x, bias) : x.add(bias)) as T;
}

/** Sums a bias's gradient over all axes but the last, in a fraction of the time that a general sum takes. */
export function sumToBias(dy: tf.Tensor): tf.Tensor {
  if (hasKernels()) return operation('BanyanBiasGrad', [dy]);
  if (hasOperations()) return operation('BiasAddGrad', [dy], typeAttributes());
  return dy.sum(Array.from({ length: dy.rank - 1 }, (_, axis) => axis));
}

const addOnTensorFlow = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
  const [x, bias] = args as tf.Tensor[];
  return {
    value: operation('BiasAdd', [x!, bias!], typeAttributes()),
    gradFunc: (dy: tf.Tensor) => [dy, sumToBias(dy)],
  };
});
