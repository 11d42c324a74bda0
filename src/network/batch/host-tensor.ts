import * as tf from '@tensorflow/tfjs';
import type { HostTensor as AnyHostTensor } from '../../runtime/index.ts';

/** A batch's numbers on the host. */
export type HostTensor = AnyHostTensor<'float32' | 'int32'>;

export function toTensor({ values, shape, dtype }: HostTensor): tf.Tensor {
  return tf.tensor(values, [...shape], dtype);
}

/** Multiplies the sizes of a shape. */
export const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
