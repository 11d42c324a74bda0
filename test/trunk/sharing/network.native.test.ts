// Networks whose tasks share their trunk softly: what they can do is what other networks can.

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { measureColumns } from '../../../src/analysis/columns.ts';
import { columnSensitivity } from '../../../src/analysis/index.ts';
import {
  type AnyTask,
  adam,
  cgc,
  constantSchedule,
  createNetwork,
  defineTask,
  denseTrunk,
  evaluate,
  mmoe,
  Network,
  resume,
  type StepEvent,
  sgd,
  type TrainOptions,
  type Trunk,
  train,
} from '../../../src/index.ts';
import { batchNorm } from '../../../src/layers/index.ts';
import { internals } from '../../../src/network/index.ts';
import { startRuntime } from '../../../src/runtime/index.ts';
import { headOf, inputs, numbersSource, numbersTask, stemOf } from '../../fixtures.ts';
import { kinds } from './built.ts';

const { compiled } = await startRuntime();
const trunk = denseTrunk({ width: 6, depth: 2, dropout: 0.1 });
const some = inputs.slice(0, 3);

/** Two tasks on one input, and one with inputs of its own. */
function tasks(): AnyTask[] {
  const source = numbersSource((x) => ({ left: x[0]! - x[1]!, right: x[2]! }));
  const of = (target: string) =>
    defineTask({
      name: target,
      stem: stemOf,
      head: (context) => headOf(context),
      source: source as never,
      target: target as never,
    }) as AnyTask;
  return [of('left'), of('right'), numbersTask('apart')];
}

const options: TrainOptions = {
  steps: 40,
  batch: 16,
  seed: 2,
  optimizer: adam({ learningRate: 0.02 }),
  schedule: constantSchedule(),
};
const stepsOf = async (network: Network, given: TrainOptions) =>
  (await lastValueFrom(train(network, given).pipe(toArray()))).filter((e): e is StepEvent => e.kind === 'step');
const weights = (network: Network) =>
  internals(network)
    .body.store.all()
    .map(({ name, tensor }) => [name, tensor.dataSync().slice()] as const);
const folder = async () => join(await mkdtemp(join(tmpdir(), 'banyan-sharing-')), 'folder');

describe.each(kinds)('a network that shares by %s', (kind, share) => {
  it('learns, goes on from a checkpoint to the same bits, and is saved and loaded', async () => {
    const before = tf.memory().numTensors;
    const network: Network = await createNetwork({ trunk: share(trunk), tasks: tasks(), seed: 1 });
    expect(network.columns).toMatchObject([{ kind: 'dense', sharing: kind, width: 6, depth: 2 }]);
    const checkpoint = { every: 20, folder: await folder() };
    const steps = await stepsOf(network, { ...options, checkpoint });
    for (const task of ['left', 'right', 'apart'])
      expect(steps.at(-1)!.losses[task], task).toBeLessThan(0.8 * steps[0]!.losses[task]!);

    const cut: Network = await createNetwork({ trunk: share(trunk), tasks: tasks(), seed: 1 });
    const half = { every: 20, folder: await folder() };
    await lastValueFrom(train(cut, { ...options, checkpoint: half, stop: ({ step }) => step === 20 }));
    cut.dispose();
    const again: Network = await createNetwork({ trunk: share(trunk), tasks: tasks(), seed: 1 });
    await lastValueFrom(resume(again, half.folder, { ...options, checkpoint: half }));
    expect(weights(again)).toEqual(weights(network));
    again.dispose();

    const saved = await folder();
    await network.save(saved);
    const loaded: Network = await Network.load(saved, { tasks: tasks() });
    for (const { name } of network.tasks)
      expect(await loaded.predict(name as never, some)).toEqual(await network.predict(name as never, some));
    expect(await evaluate(loaded)).toEqual(await evaluate(network));
    loaded.dispose();
    network.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('hears other columns in each of its blocks, and is heard by them', async () => {
    const network: Network = await createNetwork({ trunk: share(trunk), tasks: tasks(), seed: 1 });
    const before = await network.predict('left' as never, some);
    await network.addColumn({ tasks: [numbersTask('new'), numbersTask('newer', (x) => x[2]!)] });
    expect(network.columns[1]).toMatchObject({ sharing: kind, laterals: 'nonlinear' });
    // Which proves at its end that the old tasks give what they gave.
    await stepsOf(network, { ...options, steps: 3 });
    expect(await network.predict('left' as never, some)).toEqual(before);
    await network.pruneLaterals({ keep: 0.5 });
    const { fisher, perturbation } = await columnSensitivity(network, 'new', { examples: 16 });
    for (const shares of [fisher, perturbation]) expect(shares[0]![0]! + shares[1]![0]!).toBeCloseTo(1, 5);
    network.dispose();
  });
});

describe('balancing tasks that share softly', () => {
  // Without draws, which a step in two halves numbers otherwise.
  const still = denseTrunk({ width: 6, depth: 2 });
  const build = (): Promise<Network> => createNetwork({ trunk: cgc(still), tasks: tasks(), seed: 1 });

  it.each(['eager', 'graph'] as const)('leaves to each task what is its own: %s', async (compile) => {
    const [summed, equal] = [await build(), await build()];
    const optimizer = sgd({ learningRate: 0.05 });
    const few = { ...options, optimizer, steps: 4, clip: Number.POSITIVE_INFINITY, compile };
    await stepsOf(equal, few);
    const steps = await stepsOf(summed, { ...few, balance: 'sum', compareGradientsEvery: 1 });
    for (const [i, [name, values]] of weights(summed).entries())
      for (const [j, value] of values.entries()) expect(value, name).toBeCloseTo(weights(equal)[i]![1][j]!, 4);
    // What is watched is what they share.
    expect(Object.keys(steps[0]!.gradients!.blocks)).toEqual([
      'column-0/shared-0/block-0',
      'column-0/shared-0/block-1',
    ]);
    const [{ balance, gradients }] = (await stepsOf(equal, {
      ...few,
      balance: 'pcgrad',
      compareGradientsEvery: 1,
    })) as [StepEvent];
    // A method looks at that alone, too.
    for (const [task, norm] of Object.entries(balance!.norms!)) expect(norm).toBeCloseTo(gradients!.norms[task]!, 5);
    for (const balance of ['graddrop', 'gradnorm'])
      for (const { losses } of await stepsOf(summed, { ...few, balance }))
        expect(Object.values(losses).every(Number.isFinite), balance).toBe(true);
    summed.dispose();
    equal.dispose();
  });

  it('moves running statistics once, also those of a task’s own experts', async () => {
    const normal: Trunk = {
      kind: 'normal',
      width: 6,
      depth: 1,
      config: { kind: 'normal' },
      block: (context) => {
        const norm = batchNorm(context, 'norm', 6);
        return { forward: (tokens, call) => norm(tokens, call) };
      },
    };
    const networks: Network[] = [];
    for (const balance of ['equal', 'sum']) {
      const network: Network = await createNetwork({ trunk: cgc(normal), tasks: tasks(), seed: 1 });
      await stepsOf(network, { ...options, steps: 2, balance, optimizer: sgd({ learningRate: 0 }) });
      networks.push(network);
    }
    const [equal, summed] = networks.map(weights);
    for (const [i, [name, values]] of summed!.entries())
      for (const [j, value] of values.entries()) expect(value, name).toBeCloseTo(equal![i]![1][j]!, 5);
    expect(equal!.find(([name]) => name === 'column-0/own/left/expert-0/block-0/norm/running-mean')![1]).not.toEqual(
      new Float32Array(6),
    );
    for (const network of networks) network.dispose();
  });

  it('leaves alone what is the own of a task that is not trained', async () => {
    const network = await build();
    const own = () =>
      internals(network)
        .body.store.of('column-0/own/left')
        .map(({ tensor }) => tensor.dataSync().slice());
    const before = own();
    await stepsOf(network, { ...options, steps: 2, tasks: ['right', 'apart'] });
    expect(own()).toEqual(before);
    await stepsOf(network, { ...options, steps: 2, tasks: ['left'] });
    expect(own()).not.toEqual(before);
    network.dispose();
  });

  it('on activations is refused, since there are none in common', async () => {
    const network: Network = await createNetwork({ trunk: mmoe(trunk), tasks: tasks().slice(0, 2) });
    const training = train(network, { ...options, balance: { method: 'mgda', on: 'activations' } });
    await expect(lastValueFrom(training)).rejects.toThrow(
      "balance: \"mgda\" cannot work on shared activations: a softly shared trunk gives each task tokens of its own, and so there are no activations in common. Expected on: 'trunk' or 'shared'. Choose one of them.",
    );
    network.dispose();
  });
});

describe.skipIf(!compiled)('an example of one task', () => {
  it('goes through what that task needs alone', async () => {
    const wide = denseTrunk({ width: 8, depth: 2 });
    const costs = async (softly: typeof wide) => {
      const network: Network = await createNetwork({ trunk: softly, tasks: tasks(), seed: 1 });
      const { columns } = await measureColumns(network);
      network.dispose();
      return columns[0]!.multiplyAdds!.own;
    };
    const block = 8 * 8;
    expect(await costs(wide)).toBe(2 * block);
    // One expert of its own, one that is shared, and a gate.
    expect(await costs(cgc(wide))).toBe(4 * block + 2 * 8);
    expect(await costs(mmoe(wide, { experts: 3 }))).toBe(6 * block + 3 * 8);
  });
});
