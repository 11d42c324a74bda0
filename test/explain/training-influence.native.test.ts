import * as tf from '@tensorflow/tfjs';
import { arraySource } from 'banyan-ml/data';
import { numbersStem, regressor } from 'banyan-ml/heads/table';
import { describe, expect, it } from 'vitest';
import { trainingInfluence } from '../../src/explain/index.ts';
import { type AnyTask, createNetwork, defineTask, denseTrunk, type Network } from '../../src/index.ts';
import { internals, outputsOf } from '../../src/network/index.ts';
import { RandomStream } from '../../src/random/index.ts';
import { disagreement, golden } from '../golden.ts';
import { tabular } from './networks.ts';

const random = new RandomStream(4, 'influence');
const inputs = Array.from({ length: 24 }, () => [random.normal(), random.normal(), random.normal()]);
const taskOf = (name: string, target: (x: readonly number[]) => number): AnyTask =>
  defineTask({
    name,
    stem: numbersStem({ columns: ['a', 'b', 'c'], scaling: 'none' }),
    head: regressor(),
    source: arraySource({ inputs, targets: inputs.map(target), validation: 0.25 }),
  }) as AnyTask;
async function networkOf(): Promise<Network> {
  const network: Network = await createNetwork({
    trunk: denseTrunk({ width: 6, depth: 2 }),
    tasks: [taskOf('first', (x) => x[0]! + x[1]!), taskOf('second', (x) => x[0]! - x[2]!)],
    seed: 4,
  });
  // Heads begin with next to nothing, which differences of losses would not show.
  for (const { name, tensor } of internals(network).body.store.all()) {
    if (name.startsWith('head/') && name.endsWith('kernel'))
      tf.tidy(() => tensor.assign(tf.linspace(-1, 2, tensor.size).reshape(tensor.shape)));
  }
  return network;
}
const of = 'first';
const on = 'second';
// Small, so that no unit goes on or off.
const STEP = 0.0005;
const example = { input: [0.5, -1, 1], target: -0.5 };

/** The loss of an example, of what the network predicts of it. */
async function lossOf(network: Network, name: string, { input, target }: { input: unknown; target: unknown }) {
  const { body } = internals(network);
  const task = body.task(name);
  const [output] = (await outputsOf(body, task, [input])) as [Float32Array];
  const label = (task.label.prepare?.(target) ?? target) as number;
  return tf.tidy(() => task.head.loss(tf.tensor2d([[...output]]), tf.tensor1d([label])).dataSync()[0]!);
}

/** The judge: how a loss changes with each weight of the trunk, by differences. */
async function slopesOf(network: Network, name: string, asked: { input: unknown; target: unknown }) {
  const slopes: number[] = [];
  for (const { tensor } of internals(network).body.store.of('column-0')) {
    const values = Float32Array.from(tensor.dataSync());
    const at = async (i: number, step: number) => {
      const moved = values.slice();
      moved[i]! += step;
      tf.tidy(() => tensor.assign(tf.tensor(moved, tensor.shape)));
      return lossOf(network, name, asked);
    };
    for (const i of values.keys()) slopes.push(((await at(i, STEP)) - (await at(i, -STEP))) / (2 * STEP));
    tf.tidy(() => tensor.assign(tf.tensor(values, tensor.shape)));
  }
  return slopes;
}

describe('trainingInfluence', () => {
  it('is that of Captum’s TracInCP, over two checkpoints', async () => {
    const { rates, rows, targets, others, wanted, influence } = golden<{
      readonly rates: Readonly<Record<string, number>>;
      readonly rows: readonly (readonly number[])[];
      readonly targets: readonly number[];
      readonly others: readonly (readonly number[])[];
      readonly wanted: readonly number[];
      readonly influence: readonly (readonly number[])[];
    }>('training-influence');
    const source = arraySource({ inputs: rows, targets, validation: 0 });
    const checkpoints: { network: Network; learningRate: number }[] = [];
    for (const [factor, learningRate] of Object.entries(rates)) {
      const network = await tabular(source);
      for (const { tensor } of internals(network).body.store.all())
        tf.tidy(() => tensor.assign(tensor.mul(Number(factor))));
      checkpoints.push({ network, learningRate });
    }
    try {
      for (const [i, input] of others.entries()) {
        const asked = { of: 'toy', on: 'toy', example: { input, target: wanted[i]! }, examples: rows.length };
        const { examples } = await trainingInfluence(checkpoints, asked);
        const found = rows.map((row) => examples.find((each) => each.input === row)!.influence);
        expect(disagreement(found, influence[i]!, 1e-4, 1e-4)).toBeLessThan(1);
      }
    } finally {
      for (const { network } of checkpoints) network.dispose();
    }
  });

  it('is the product of how both losses change with the trunk, times the rate, over all checkpoints', async () => {
    const [network, later] = [await networkOf(), await networkOf()];
    try {
      const options = { of, on, example, examples: 8 };
      const found = await trainingInfluence([{ network, learningRate: 0.1 }], options);
      expect(found).toMatchObject({ of, on });
      expect(found.examples.length).toBe(8);
      const influences = found.examples.map(({ influence }) => influence);
      expect(influences).toEqual(influences.toSorted((a, b) => b - a));
      const own = await slopesOf(network, on, example);
      for (const { input, target, influence } of [found.examples[0]!, found.examples.at(-1)!]) {
        const slopes = await slopesOf(network, of, { input, target });
        const product = slopes.reduce((sum, slope, i) => sum + slope * own[i]!, 0);
        expect(Math.abs(influence - 0.1 * product)).toBeLessThan(0.02 * Math.abs(influence));
      }
      // Controls are of the same examples with each other's labels.
      expect(found.examples.some(({ influence, control }) => influence !== control)).toBe(true);
      expect(found.examples.filter(({ control }) => Math.abs(control) <= found.common).length).toBeGreaterThan(6);
      const both = [
        { network, learningRate: 0.1 },
        { network: later, learningRate: 0.2 },
      ];
      // A network of the same weights puts them in the same order; one of others does not.
      const { alike } = await trainingInfluence(both.slice(0, 1), { ...options, untrained: later });
      expect(alike).toBeCloseTo(1, 9);
      for (const { tensor } of internals(later).body.store.of('column-0')) tf.tidy(() => tensor.assign(tensor.neg()));
      const other = await trainingInfluence(both.slice(0, 1), { ...options, untrained: later });
      expect(other.alike).toBeLessThan(0.99);
      for (const { tensor } of internals(later).body.store.of('column-0')) tf.tidy(() => tensor.assign(tensor.neg()));
      const before = tf.memory().numTensors;
      const sums = await trainingInfluence(both, options);
      expect(tf.memory().numTensors).toBe(before);
      // Both are as they began.
      for (const [i, { influence }] of sums.examples.entries()) expect(influence).toBeCloseTo(3 * influences[i]!, 4);
    } finally {
      network.dispose();
      later.dispose();
    }
  });

  it('finds a training example that is the example itself, and says what is wrong', async () => {
    const network = await networkOf();
    try {
      const [twin] = (await trainingInfluence([{ network, learningRate: 1 }], { of: on, on, example, examples: 1 }))
        .examples;
      const itself = { input: twin!.input, target: (twin!.target as number) + 3 };
      const checkpoints = [{ network, learningRate: 1 }];
      const { examples } = await trainingInfluence(checkpoints, { of: on, on, example: itself, examples: 1 });
      expect(examples[0]!.influence).not.toBe(0);
      await expect(trainingInfluence([], { of, on, example })).rejects.toThrow(
        'trainingInfluence: expected at least one checkpoint, received none. Train with checkpoints, or give the trained network.',
      );
    } finally {
      network.dispose();
    }
  });
});
