import * as tf from '@tensorflow/tfjs';
import type { NetworkGraph } from '../graph/network-graph.ts';
import { type InGraph, type StoredWeight, store } from './store.ts';

/** Smaller weights, and vectors such as biases, stay as they are: there is little to win. */
const SMALLEST = 1024;

/** Weights that are stored in fewer bits, by the names of their variables. */
export interface StoredWeights {
  readonly stored: ReadonlyMap<string, StoredWeight>;
  /** Variables with the weights as they are read back, by those whose place they take. The caller disposes them. */
  readonly instead: ReadonlyMap<tf.Variable, tf.Variable>;
}

/** A network whose weights are stored in fewer bits. */
export interface QuantisedNetwork extends Pick<StoredWeights, 'instead'> {
  readonly graph: NetworkGraph;
}

/** Stores the large ones of these weights in fewer bits. */
export function storeWeights(variables: ReadonlyMap<string, tf.Variable>, kind: InGraph): StoredWeights {
  const stored = new Map<string, StoredWeight>();
  for (const [name, variable] of variables) {
    if (variable.rank < 2 || variable.size < SMALLEST) continue;
    stored.set(name, store(name, variable.shape, variable.dataSync() as Float32Array, kind));
  }
  const instead = new Map(
    [...stored].map(([name, { values }]) => {
      const variable = variables.get(name)!;
      return [variable, tf.tidy(() => tf.variable(tf.tensor(values, variable.shape), false))];
    }),
  );
  return { stored, instead };
}

/** Stores the large weights of a network in fewer bits. */
export function quantise(graph: NetworkGraph, kind: InGraph): QuantisedNetwork {
  const { stored, instead } = storeWeights(graph.variables, kind);
  return { graph: { ...graph, stored }, instead };
}
