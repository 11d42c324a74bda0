import * as tf from '@tensorflow/tfjs';
import type { NetworkVariable } from '../../network/index.ts';

/** Sums of gradients over the parts of a batch, one a variable; 0 between updates. */
export interface Accumulators {
  readonly id: number;
  readonly parts: number;
  readonly sums: ReadonlyMap<string, tf.Variable>;
}

let count = 0;

/** undefined where a batch is worked through at once. The caller disposes the sums. */
export function makeAccumulators(variables: readonly NetworkVariable[], parts: number): Accumulators | undefined {
  if (parts === 1) return undefined;
  const sums = variables.map(({ name, variable }) => {
    const zeros = tf.zeros(variable.shape);
    const sum = tf.variable(zeros, false);
    zeros.dispose();
    return [name, sum] as const;
  });
  return { id: ++count, parts, sums: new Map(sums) };
}

export const disposeAccumulators = (accumulators: Accumulators | undefined): void =>
  tf.dispose([...(accumulators?.sums.values() ?? [])]);
