import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { filter, firstValueFrom, lastValueFrom } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { exportNetwork } from '../../../src/export/index.ts';
import {
  adam,
  convTrunk,
  createNetwork,
  encoderTrunk,
  mmoe,
  Network,
  resume,
  train,
  transformerTrunk,
} from '../../../src/index.ts';
import { internals } from '../../../src/network/index.ts';
import { startRuntime } from '../../../src/runtime/index.ts';
import { inputs, numbersTask } from '../../fixtures.ts';
import { temporaryFolder } from '../../repository.ts';

const { compiled } = await startRuntime();
const folder = temporaryFolder();
const size = { width: 16, depth: 2, heads: 4 };
const task = numbersTask('sum');
const open: Network[] = [];
afterEach(() => {
  for (const network of open.splice(0)) network.dispose();
});
const make = async (trunk = transformerTrunk(size)) => {
  const network: Network = await createNetwork({ trunk, tasks: [task], seed: 3 });
  open.push(network);
  return network;
};
const options = { steps: 4, batch: 16, seed: 1, optimizer: adam({ learningRate: 0.01 }) };

/** Makes what is inside of block 0 small for these heads and channels, and 0 where it leads out. */
function silence(network: Network, heads: readonly number[], channels: readonly number[]): void {
  const { store } = internals(network).body;
  const scale = (name: string, axis: 0 | 1, quiet: (index: number) => boolean, factor: number) => {
    const { tensor } = store.all().find((variable) => variable.name === `column-0/block-0/${name}`)!;
    const factors = Array.from({ length: tensor.shape[axis]! }, (_, i) => (quiet(i) ? factor : 1));
    tf.tidy(() =>
      tensor.assign(tensor.mul(axis === 0 ? tf.tensor2d(factors, [factors.length, 1]) : tf.tensor1d(factors))),
    );
  };
  const ofHead = (i: number) => heads.includes(Math.floor((i % 16) / 4));
  scale('attention/query-key-value/kernel', 1, ofHead, 0.01);
  scale('attention/output/kernel', 0, ofHead, 0);
  scale('dense-1/kernel', 1, (i) => channels.includes(i), 0.01);
  scale('dense-2/kernel', 0, (i) => channels.includes(i), 0);
}

describe('pruneTrunk', () => {
  it.each([
    ['transformer', transformerTrunk],
    ['encoder', encoderTrunk],
  ] as const)(
    '%s: takes the heads and channels of the smallest weights, and nothing else changes',
    async (_, trunk) => {
      const network = await make(trunk({ ...size, depth: 1 }));
      const channels = Array.from({ length: 32 }, (_, i) => (7 * i) % 64);
      silence(network, [0, 2], channels);
      const before = (await network.predict(task, inputs.slice(0, 5))) as number[];
      const tensors = tf.memory().numTensors;
      const { blocks, parameters } = await network.pruneTrunk({ keep: 0.5 });
      expect(tf.memory().numTensors).toBe(tensors);
      expect(blocks).toEqual([{ heads: 2, hidden: 32 }]);
      // Two heads of size 4 and 32 channels: what projects into them with its biases, and what leads out.
      expect(parameters.before - parameters.after).toBe(16 * 24 + 24 + 8 * 16 + 2 * 16 * 32 + 32);
      const after = (await network.predict(task, inputs.slice(0, 5))) as number[];
      for (const [i, number] of after.entries()) expect(number).toBeCloseTo(before[i]!, 5);
    },
  );

  it('is trained on, saved, loaded and resumed as any other', async () => {
    const network = await make();
    await network.pruneTrunk({ keep: 0.6 });
    // No less than 2.4 of 4 heads, and 38.4 of 64 channels.
    const { trunk } = internals(network).body.columns[0]!.plan;
    expect(trunk.config).toMatchObject({
      heads: 4,
      blocks: [
        { heads: 3, hidden: 39 },
        { heads: 3, hidden: 39 },
      ],
    });
    const checkpoint = { folder: join(folder, 'checkpoints'), every: 2 };
    // It is left after its first checkpoint, and resumed from there.
    await firstValueFrom(train(network, { ...options, checkpoint }).pipe(filter(({ kind }) => kind === 'checkpoint')));
    await network.idle();
    await network.save(join(folder, 'saved'));
    const loaded: Network = await Network.load(join(folder, 'saved'), { tasks: [task] });
    open.push(loaded);
    expect(await loaded.predict(task, inputs.slice(0, 5))).toEqual(await network.predict(task, inputs.slice(0, 5)));
    // What is smaller can become smaller still.
    expect((await loaded.pruneTrunk({ keep: 0.01 })).blocks).toEqual([
      { heads: 1, hidden: 1 },
      { heads: 1, hidden: 1 },
    ]);
    await lastValueFrom(resume(network, checkpoint.folder, { ...options, checkpoint }));
    if (!compiled) return;
    const { functions } = await exportNetwork(network, { format: 'onnx', out: join(folder, 'onnx') });
    expect(functions[0]!.difference).toBeLessThanOrEqual(1e-5);
  });

  it('says of which trunk it takes nothing, and how much may stay', async () => {
    const conv = await make(convTrunk({ width: 8, depth: 1 }) as never);
    await expect(conv.pruneTrunk({ keep: 0.5 })).rejects.toThrow(
      'pruneTrunk: expected a trunk with heads of attention, transformer or encoder, that its tasks share whole, received conv. Train a narrower trunk instead.',
    );
    const experts = await make(mmoe(transformerTrunk(size), { experts: 2 }) as never);
    await expect(experts.pruneTrunk({ keep: 0.5 })).rejects.toThrow('shared by mmoe.');
    const network = await make();
    await expect(network.pruneTrunk({ keep: 0 })).rejects.toThrow(
      /^pruneTrunk: keep must be a number .*, received 0\./,
    );
    expect(() => transformerTrunk({ ...size, blocks: [{ heads: 1, hidden: 2 }] })).toThrow(
      'transformerTrunk: blocks must be a list of 2 sizes, each of at most 4 heads, received',
    );
  });
});
