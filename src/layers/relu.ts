import * as tf from '@tensorflow/tfjs';
import { hasOperations, operation, typeAttributes } from '../runtime/index.ts';

/** Computes max(x, 0). The gradient is written by hand: tfjs's own takes five operations, three of them for NaN. */
export const relu = tf.customGrad((input: tf.Tensor | tf.GradSaveFunc, save: tf.Tensor | tf.GradSaveFunc) => {
  const value = tf.relu(input as tf.Tensor);
  (save as tf.GradSaveFunc)([value]);
  return {
    value,
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
      hasOperations()
        ? operation('ReluGrad', [dy, saved[0]!], typeAttributes())
        : dy.mul(saved[0]!.greater(0).cast('float32')),
  };
}) as <T extends tf.Tensor>(x: T) => T;
