import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createNetwork, denseTrunk, type Network, resume, type TrainOptions, train } from '../../../src/index.ts';
import { internals } from '../../../src/network/index.ts';
import { optimizerKinds } from '../../../src/optimise/index.ts';
import { startRuntime } from '../../../src/runtime/index.ts';
import { numbersTask } from '../../fixtures.ts';

await startRuntime();

const trunk = denseTrunk({ width: 8, depth: 1 });
const tasks = () => [numbersTask('a'), numbersTask('b', (x) => x[2]!, { learningRate: 2 })];
const build = (): Promise<Network> => createNetwork({ trunk, tasks: tasks(), seed: 5 });
const kinds = optimizerKinds.kinds().map(({ kind }) => kind);
const optimizerOf = (kind: string) =>
  optimizerKinds.build({ kind, learningRate: 0.01, ...(kind === 'schedule-free-adamw' ? { warmup: 3 } : {}) });

const weightsOf = (network: Network) =>
  internals(network)
    .body.store.all()
    .map(({ name, tensor }) => [name, [...tensor.dataSync()]]);

describe.each(['graph', 'eager'] as const)('a training that is cut, %s', (compile) => {
  it.each(kinds)('goes on with %s to the same bits', async (kind) => {
    const place = await mkdtemp(join(tmpdir(), 'banyan-slots-'));
    const options = (folder: string): TrainOptions => ({
      steps: 8,
      batch: 8,
      seed: 2,
      compile,
      optimizer: optimizerOf(kind),
      checkpoint: { every: 3, folder: join(place, folder) },
    });
    const [whole, cut, again] = [await build(), await build(), await build()];
    await lastValueFrom(train(whole, options('whole')));
    await lastValueFrom(train(cut, { ...options('cut'), stop: ({ step }) => step === 3 }));
    await lastValueFrom(resume(again, join(place, 'cut'), options('cut')));
    expect(weightsOf(again)).toEqual(weightsOf(whole));
    for (const network of [whole, cut, again]) network.dispose();
  });
});
