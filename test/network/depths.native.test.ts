import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  type AnyTask,
  createNetwork,
  denseTrunk,
  type Head,
  mmoe,
  Network,
  sgd,
  type Trunk,
  train,
  transformerTrunk,
} from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { numbersTask } from '../fixtures.ts';

/** A head without weights, which gives what it reads. */
const reader = (): Head<number, Float32Array, tf.Tensor3D> => ({
  metrics: [],
  forward: (tokens) => tokens,
  loss: (tokens, target) => tokens.square().mean([1, 2]).add(target.mul(0)) as tf.Tensor1D,
  decode: (tokens) => tokens,
});
const { stem, source } = numbersTask('first');
const taskAt = (name: string, at?: number): AnyTask => ({ ...numbersTask(name), stem, source, head: reader, at });
const build = (trunk: Trunk, ...tasks: AnyTask[]): Promise<Network> => createNetwork({ trunk, tasks, seed: 3 });
const inputs = [
  [1, 2, 3, 4],
  [-1, 0, 2, 0.5],
];
const read = async (network: Network, task: string) => (await network.predict(task, inputs)) as Float32Array[];
const weights = (network: Network) =>
  Object.fromEntries(
    internals(network)
      .body.store.all()
      .map(({ name, tensor }) => [name, Float32Array.from(tensor.dataSync())]),
  );

describe('a head that reads at a depth', () => {
  it.each([
    ['dense', (depth: number) => denseTrunk({ width: 8, depth })],
    ['transformer', (depth: number) => transformerTrunk({ width: 8, depth, heads: 2 })],
    ['mmoe', (depth: number) => mmoe(denseTrunk({ width: 8, depth }), { experts: 2 })],
  ])('reads what a trunk gives that ends there: %s', async (_, trunk) => {
    const network = await build(trunk(3), taskAt('first'), taskAt('low', 1), taskAt('stem', 0), taskAt('last', 3));
    // Weights begin by their names, so those of a shorter trunk are the same.
    const shorter = await build(trunk(1), taskAt('first'), taskAt('low'));
    expect(await read(network, 'low')).toEqual(await read(shorter, 'low'));
    expect(await read(network, 'last')).not.toEqual(await read(network, 'low'));
    const kernel = weights(network)['stem/first/kernel']!;
    const [tokens] = await read(network, 'stem');
    expect(tokens!.length).toBe(8);
    for (let column = 0; column < 8; column++) {
      const sum = inputs[0]!.reduce((total, value, row) => total + value * kernel[row * 8 + column]!, 0);
      expect(tokens![column]).toBeCloseTo(sum, 5);
    }
    network.dispose();
    shorter.dispose();
  });

  it('teaches what lies before it, and nothing that follows', async () => {
    const network = await build(denseTrunk({ width: 8, depth: 3 }), taskAt('first', 1));
    const before = weights(network);
    await lastValueFrom(train(network, { steps: 3, batch: 4, optimizer: sgd({ learningRate: 0.1 }) }));
    const changed = Object.entries(weights(network)).flatMap(([name, values]) =>
      values.every((value, i) => value === before[name]![i]) ? [] : [name.split('/').slice(0, 2).join('/')],
    );
    expect([...new Set(changed)].sort()).toEqual(['column-0/block-0', 'stem/first']);
    network.dispose();
  });

  it('is saved with its depth', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'banyan-depths-')), 'network');
    const trunk = denseTrunk({ width: 8, depth: 2 });
    const network = await build(trunk, taskAt('first', 1));
    await network.save(folder);
    const loaded = await Network.load(folder, { tasks: [taskAt('first')] });
    expect(await read(loaded, 'first')).toEqual(await read(network, 'first'));
    await expect(Network.load(folder, { tasks: [taskAt('first', 2)] })).rejects.toThrow(
      'Task "first": its at was 1 when the network was saved, and is 2 now, expected the same',
    );
    network.dispose();
    loaded.dispose();
  });

  it('is refused where there is no such depth, or activations in common are asked for', async () => {
    await expect(build(denseTrunk({ width: 8, depth: 2 }), taskAt('first', 3))).rejects.toThrow(
      'Task "first": its head reads at 3 blocks, expected a number from 0 to 2, the depth of its column. Lower `at`, or deepen the trunk.',
    );
    const network = await build(denseTrunk({ width: 8, depth: 2 }), taskAt('first'), taskAt('low', 1));
    const options = { steps: 1, batch: 4, balance: { method: 'mgda', on: 'activations' as const } };
    await expect(lastValueFrom(train(network, options))).rejects.toThrow(
      'balance: "mgda" cannot work on shared activations: a task reads the trunk at a depth of its own, and so there are no activations in common.',
    );
    network.dispose();
  });
});
