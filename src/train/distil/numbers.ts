import * as tf from '@tensorflow/tfjs';
import type { Output, SampleOutput } from '../../task/contract.ts';

/** Puts the numbers of one sample's output one after the other: of several tensors, in the order of their names. */
export function numbersOf(sample: SampleOutput): Float32Array {
  if (sample instanceof Float32Array) return sample;
  return Float32Array.from(
    Object.keys(sample)
      .sort()
      .flatMap((name) => [...sample[name]!]),
  );
}

/** Puts the numbers of a batch's output in the same order, `[batch, numbers]`. */
export function flattened(output: Output): tf.Tensor2D {
  const flat = (tensor: tf.Tensor) => tensor.reshape([tensor.shape[0]!, -1]) as tf.Tensor2D;
  if (output instanceof tf.Tensor) return flat(output);
  const names = Object.keys(output).sort();
  return tf.concat(
    names.map((name) => flat(output[name]!)),
    1,
  );
}
