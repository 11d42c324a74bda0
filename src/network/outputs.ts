import * as tf from '@tensorflow/tfjs';
import type { Results } from '../runtime/index.ts';
import type { Output, SampleOutput } from '../task/contract.ts';

// The name of an output that is one tensor; a record's names stand after it.
const ONLY = 'output';

/** A head's output as tensors with names, each after `prefix`. */
export function nameOutput(output: Output, prefix = ''): Record<string, tf.Tensor> {
  if (output instanceof tf.Tensor) return { [prefix + ONLY]: output };
  return Object.fromEntries(Object.entries(output).map(([name, tensor]) => [`${prefix}${ONLY}/${name}`, tensor]));
}

/** What `nameOutput` named, on the host: the outputs of the batch's first `count` samples. */
export function samplesOf(results: Results, count: number, prefix = ''): SampleOutput[] {
  const rows = (name: string): Float32Array[] => {
    const { values, shape } = results[name]!;
    const size = values.length / shape[0]!;
    const numbers = Float32Array.from(values);
    return Array.from({ length: count }, (_, i) => numbers.subarray(i * size, (i + 1) * size));
  };
  const only = prefix + ONLY;
  if (only in results) return rows(only);
  const columns = Object.keys(results)
    .filter((name) => name.startsWith(`${only}/`))
    .map((name) => [name.slice(only.length + 1), rows(name)] as const);
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(columns.map(([name, column]) => [name, column[i]!])),
  );
}
