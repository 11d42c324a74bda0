// What an update is computed by follows from the method and the options, once for a training.
import type { BalanceOption } from 'banyan-ml/balance';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createNetwork, denseTrunk, sgd, type TrainOptions, train } from '../../../src/index.ts';
import { internals } from '../../../src/network/index.ts';
import { startRuntime } from '../../../src/runtime/index.ts';
import { plain, together } from '../tasks.ts';

const { compiled } = await startRuntime();

async function kindsOf(options: Partial<TrainOptions>): Promise<string[]> {
  const trunk = denseTrunk({ width: 4, depth: 1 });
  const network = await createNetwork({ trunk, tasks: together(), seed: 1 });
  try {
    await lastValueFrom(train(network, { steps: 2, optimizer: sgd({ learningRate: 0.01 }), ...plain, ...options }));
    return [...new Set(internals(network).body.runner.graphs.map(({ kind }) => kind))].sort();
  } finally {
    network.dispose();
  }
}

const weighing: BalanceOption = { method: 'static', options: { weights: [1, 2] } };
const onActivations: BalanceOption = { method: 'mgda', on: 'activations' };

describe.skipIf(!compiled)('an update', () => {
  it.each<[string, Partial<TrainOptions>, string[]]>([
    ['by equal weights: one graph', {}, ['train']],
    ['by weights known before: one graph', { balance: weighing }, ['train']],
    ['by weights that follow from its losses: one graph', { balance: 'gls' }, ['train']],
    [
      'by such weights in micro-batches: keeps the gradients',
      { balance: 'gls', accumulate: 2 },
      ['train', 'train-combine'],
    ],
    ['by a method that hears the losses after it', { balance: 'famo' }, ['train', 'train-losses']],
    ['by products of gradients', { balance: 'pcgrad' }, ['train', 'train-combine', 'train-products']],
    ['by the gradients number by number', { balance: 'graddrop' }, ['train', 'train-combine']],
    ['by averages of them', { balance: 'moco' }, ['train', 'train-average', 'train-combine', 'train-products']],
    ['by gradients of shared activations', { balance: onActivations }, ['train', 'train-activations']],
    ['with a comparison beside it', { compareGradientsEvery: 1 }, ['train', 'train-compare']],
    [
      'with a comparison of the gradients that it keeps',
      { balance: 'graddrop', compareGradientsEvery: 1 },
      ['train', 'train-combine', 'train-compare'],
    ],
  ])('%s', async (_, options, kinds) => {
    expect(await kindsOf(options)).toEqual(kinds);
  });
});
