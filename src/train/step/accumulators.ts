import * as tf from '@tensorflow/tfjs';
import type { NetworkVariable } from '../../network/index.ts';

/** Sums of gradients over the micro-batches of a batch, by a variable's name; 0 between updates. */
export interface Accumulators {
  /** Differs between any two: a graph holds the very sums. */
  readonly id: number;
  readonly sums: ReadonlyMap<string, tf.Variable>;
}

let count = 0;

/** Makes a sum for each variable. The caller disposes them. */
export function makeAccumulators(variables: readonly NetworkVariable[]): Accumulators {
  const sums = variables.map(({ name, tensor }) => {
    const zeros = tf.zeros(tensor.shape);
    const sum = tf.variable(zeros, false);
    zeros.dispose();
    return [name, sum] as const;
  });
  return { id: ++count, sums: new Map(sums) };
}

export const disposeAccumulators = (accumulators: Accumulators | undefined): void =>
  tf.dispose([...(accumulators?.sums.values() ?? [])]);
