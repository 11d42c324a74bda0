import * as tf from '@tensorflow/tfjs';
import type { NetworkGraph } from '../graph/network-graph.ts';
import { type InGraph, type StoredWeight, store } from './store.ts';

/** Smaller weights, and vectors such as biases, stay as they are: there is little to win. */
const SMALLEST = 1024;

/** A network whose weights are stored in fewer bits. */
export interface QuantisedNetwork {
  readonly graph: NetworkGraph;
  /** Variables with the weights as they are read back, by those whose place they take. The caller disposes them. */
  readonly instead: ReadonlyMap<tf.Variable, tf.Variable>;
}

/** Stores the large weights of a network in fewer bits. */
export function quantise(graph: NetworkGraph, kind: InGraph): QuantisedNetwork {
  const stored = new Map<string, StoredWeight>();
  for (const [name, variable] of graph.variables) {
    if (variable.rank < 2 || variable.size < SMALLEST) continue;
    stored.set(name, store(name, variable.shape, variable.dataSync() as Float32Array, kind));
  }
  const instead = new Map(
    [...stored].map(([name, { values }]) => {
      const variable = graph.variables.get(name)!;
      return [variable, tf.tidy(() => tf.variable(tf.tensor(values, variable.shape), false))];
    }),
  );
  return { graph: { ...graph, stored }, instead };
}
