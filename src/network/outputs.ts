import * as tf from '@tensorflow/tfjs';
import type { Output, SampleOutput } from '../task/contract.ts';

/** A batch's output to one sample's each, on the host. */
export async function readOutput(output: Output, count: number): Promise<SampleOutput[]> {
  if (output instanceof tf.Tensor) return rows(output, count);
  const names = Object.keys(output);
  const columns = await Promise.all(names.map((name) => rows(output[name]!, count)));
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(names.map((name, column) => [name, columns[column]![i]!])),
  );
}

async function rows(tensor: tf.Tensor, count: number): Promise<Float32Array[]> {
  const values = Float32Array.from(await tensor.data());
  const size = values.length / tensor.shape[0]!;
  return Array.from({ length: count }, (_, i) => values.subarray(i * size, (i + 1) * size));
}
