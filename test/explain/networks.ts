// The networks of golden/explanations.json, with the weights that it has.
import * as tf from '@tensorflow/tfjs';
import { numbersStem, regressor } from 'banyan-ml/heads/table';
import { classifier, patchStem } from 'banyan-ml/heads/vision';
import {
  type AnyTask,
  convTrunk,
  createNetwork,
  defineTask,
  denseTrunk,
  type Network,
  type Source,
  transformerTrunk,
} from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import type { Trunk } from '../../src/trunk/index.ts';
import { golden } from '../golden.ts';

type Weights = Readonly<Record<string, readonly unknown[]>>;

/** What Captum and shap give for three networks: see golden/explanations.py. */
export const expected = golden<{
  readonly noise: readonly number[];
  readonly convolutional: Readonly<Record<string, readonly number[]>> & { readonly weights: Weights };
  readonly attending: Readonly<Record<string, readonly number[]>> & { readonly weights: Weights };
  readonly tabular: Readonly<Record<string, readonly number[]>> & { readonly weights: Weights };
}>('explanations');

const source = { counts: { training: 1, validation: 0, test: 0 }, read: () => [] };
export const picture = defineTask({
  name: 'toy',
  stem: patchStem({ height: 6, width: 6, channels: 1, patch: 2 }),
  head: classifier({ classes: ['a', 'b', 'c'] }),
  source,
});
const rowTask = (of: Source<readonly number[], number>) =>
  defineTask({
    name: 'toy',
    stem: numbersStem({ columns: ['p', 'q', 'r', 's', 't'], scaling: 'none' }),
    head: regressor(),
    source: of,
  });

async function withWeights(trunk: Trunk, task: AnyTask, weights: Weights): Promise<Network> {
  const network: Network = await createNetwork({ trunk, tasks: [task] });
  for (const { name, tensor } of internals(network).body.store.all()) {
    tf.tidy(() => tensor.assign(tf.tensor(weights[name] as number[]).reshape(tensor.shape)));
  }
  return network;
}

export const convolutional = () =>
  withWeights(convTrunk({ width: 8, depth: 1, kernel: 3 }), picture, expected.convolutional.weights);
export const attending = () =>
  withWeights(transformerTrunk({ width: 8, depth: 2, heads: 2 }), picture, expected.attending.weights);
export const tabular = (of: Source<readonly number[], number> = source) =>
  withWeights(denseTrunk({ width: 8, depth: 1 }), rowTask(of) as AnyTask, expected.tabular.weights);
