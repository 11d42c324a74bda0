import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  createNetwork,
  denseTrunk,
  type Network,
  resume,
  type StepEvent,
  type TrainOptions,
  train,
} from '../../../src/index.ts';
import { internals } from '../../../src/network/index.ts';
import { apart, gradientsOf, plain, together } from '../tasks.ts';

const trunk = denseTrunk({ width: 8, depth: 2, dropout: 0.2 });

async function trained(tasks: ReturnType<typeof apart>, options: Partial<TrainOptions>) {
  const network: Network = await createNetwork({ trunk, tasks, seed: 4 });
  try {
    const events = await lastValueFrom(train(network, { steps: 5, ...plain, ...options }).pipe(toArray()));
    const weights = internals(network)
      .body.store.all()
      .map(({ name, tensor }) => [name, tensor.dataSync().slice()] as const);
    return { weights, steps: events.filter((event): event is StepEvent => event.kind === 'step') };
  } finally {
    network.dispose();
  }
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

describe.each([
  ['with inputs of their own', apart],
  ['on one input', together],
] as const)('watching the gradients of tasks %s', (_, tasks) => {
  it.each([
    ['operation by operation', { compile: 'eager' }],
    ['in a graph', { compile: 'graph' }],
    ['in parts', { accumulate: 2 }],
    ['with a weighting', { balance: 'uncertainty' }],
    ['with an aggregator', { balance: 'pcgrad' }],
    ['on activations', { balance: { method: 'mgda', on: 'activations' } }],
  ] as [string, Partial<TrainOptions>][])('changes no bit and leaves no tensor: %s', async (_, options) => {
    if (tasks === apart && typeof options.balance === 'object') return; // They have no activations in common.
    const before = tf.memory().numTensors;
    const plainly = await trained(tasks(), options);
    const watched = await trained(tasks(), { ...options, compareGradientsEvery: 2 });
    expect(watched.weights).toEqual(plainly.weights);
    expect(tf.memory().numTensors).toBe(before);
    expect(watched.steps.map(({ gradients }) => gradients !== undefined)).toEqual([true, false, true, false, true]);
    expect(plainly.steps.every(({ gradients }) => gradients === undefined)).toBe(true);
  });

  it.each([undefined, 'pcgrad', 'gradnorm'])(
    'gives their norms and cosines, over the trunk and in each block: %s',
    async (balance) => {
      const network: Network = await createNetwork({
        trunk: denseTrunk({ width: 8, depth: 2 }),
        tasks: tasks(),
        seed: 4,
      });
      const { names, rows, parts } = await gradientsOf(network);
      const options = { steps: 1, ...plain, compareGradientsEvery: 1, ...(balance === undefined ? {} : { balance }) };
      const events = await lastValueFrom(train(network, options).pipe(toArray()));
      const { gradients } = events.find((event): event is StepEvent => event.kind === 'step')!;
      expect(Object.keys(gradients!.blocks)).toEqual([...new Set(parts.map(({ part }) => part))]);
      const expected = (part?: string) => {
        const taken = rows.map((row) =>
          parts.flatMap(({ part: own, from, size }) =>
            part === undefined || own === part ? row.slice(from, from + size) : [],
          ),
        );
        return taken.map((a) => taken.map((b) => dot(a, b)));
      };
      for (const part of [undefined, ...Object.keys(gradients!.blocks)]) {
        const { norms, cosines } = part === undefined ? gradients! : gradients!.blocks[part]!;
        const gram = expected(part);
        for (const [k, name] of names.entries()) {
          expect(norms[name]! / Math.sqrt(gram[k]![k]!), `${part} ${name}`).toBeCloseTo(1, 3);
          for (const l of names.keys())
            expect(cosines[k]![l], part).toBeCloseTo(gram[k]![l]! / Math.sqrt(gram[k]![k]! * gram[l]![l]!), 3);
        }
      }
      network.dispose();
    },
  );
});

describe('watching', () => {
  it('goes on in the same steps after a resume', async () => {
    const checkpoint = { every: 2, folder: await mkdtemp(join(tmpdir(), 'banyan-watch-')) };
    const options = { steps: 6, ...plain, checkpoint };
    const first: Network = await createNetwork({ trunk, tasks: apart(), seed: 4 });
    await lastValueFrom(train(first, { ...options, stop: ({ step }) => step === 2 }));
    first.dispose();
    const again: Network = await createNetwork({ trunk, tasks: apart(), seed: 4 });
    // What is watched may change: it is no part of the training.
    const events = await lastValueFrom(
      resume(again, checkpoint.folder, { ...options, compareGradientsEvery: 3 }).pipe(toArray()),
    );
    const watched = events.filter((event) => event.kind === 'step' && event.gradients !== undefined);
    expect(watched.map(({ step }) => step)).toEqual([4]);
    again.dispose();
  });

  it('takes a whole number of steps', async () => {
    await expect(trained(apart(), { compareGradientsEvery: 0.5 })).rejects.toThrow(
      'train: compareGradientsEvery must be a whole number >= 1, received 0.5. Round it.',
    );
  });
});
