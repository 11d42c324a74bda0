import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { batchNorm } from 'banyan-ml/layers';
import { lastValueFrom, toArray } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type AnyTask,
  type Average,
  adamW,
  checkpointAverage,
  constantSchedule,
  createNetwork,
  defineTask,
  denseTrunk,
  evaluate,
  exponentialAverage,
  type Network,
  resume,
  type StemContext,
  scheduleFreeAdamW,
  sgd,
  stochasticAverage,
  type TrainOptions,
  train,
} from '../../../src/index.ts';
import { internals } from '../../../src/network/index.ts';
import { startRuntime } from '../../../src/runtime/index.ts';
import { headOf, numbersTask } from '../../fixtures.ts';
import { disagreement } from '../../golden.ts';
import { inTurn } from '../../in-turn.ts';

await startRuntime();

const trunk = denseTrunk({ width: 8, depth: 1 });
const tasks = (): AnyTask[] => [numbersTask('a'), numbersTask('b', (x) => x[2]!)];
const build = (): Promise<Network> => createNetwork({ trunk, tasks: tasks(), seed: 5 });
/** One of its tasks stops early: it has nothing to learn. */
const noisy = (): Promise<Network> =>
  createNetwork({ trunk, tasks: [numbersTask('a'), numbersTask('noise', (_, i) => Math.sin(1000 * i * i))], seed: 5 });
const weightsOf = (network: Network) =>
  new Map(
    internals(network)
      .body.store.all()
      .map(({ name, tensor }) => [name, [...tensor.dataSync()]]),
  );
const plain: TrainOptions = { steps: 8, batch: 8, seed: 2, schedule: constantSchedule() };
const run = (network: Network, options: Partial<TrainOptions> = {}) =>
  lastValueFrom(train(network, { ...plain, ...options }).pipe(toArray()));

/** The weights after each number of steps, each by a training of its own. */
async function trajectory(options: Partial<TrainOptions>, steps: readonly number[]) {
  const weights: ReturnType<typeof weightsOf>[] = [];
  for (const last of steps) {
    const network = await build();
    await run(network, { ...options, stop: ({ kind, step }) => kind === 'step' && step === last });
    weights.push(weightsOf(network));
    network.dispose();
  }
  return weights;
}

const averages: readonly [string, () => Average, (step: number) => number][] = [
  // How much the weights after a step count, of 8.
  ['exponential', () => exponentialAverage({ decay: 0.5 }), (step) => 0.5 ** (8 - step) / (2 - 0.5 ** 7)],
  ['stochastic', () => stochasticAverage({ from: 4, every: 2 }), (step) => ([4, 6, 8].includes(step) ? 1 / 3 : 0)],
  ['checkpoints', () => checkpointAverage({ every: 3, last: 4 }), (step) => ([3, 6].includes(step) ? 1 / 2 : 0)],
];

const modes = ['graph', 'eager'] as const;

describe.each(modes)('an average of the weights, %s', (compile) => {
  const optimizer = adamW({ learningRate: 0.02 });

  let raw: Awaited<ReturnType<typeof trajectory>>;
  beforeAll(async () => {
    raw = await trajectory({ optimizer, compile }, [1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it.each(averages)('%s is the mean of the weights that the training went through', async (_, average, share) => {
    const network = await build();
    const events = await run(network, { optimizer, compile, average: average() });
    expect(events.at(-1)).toMatchObject({ kind: 'end', averaged: true });
    for (const [name, values] of weightsOf(network)) {
      const mean = values.map((_, i) =>
        raw.reduce((sum, weights, s) => sum + share(s + 1) * weights.get(name)![i]!, 0),
      );
      expect(disagreement(values, mean, 1e-4, 1e-6), name).toBeLessThan(1);
    }
    network.dispose();
  });

  it.each(inTurn(averages, compile, modes))(
    '%s changes no bit of the training, and a later one goes on from its weights',
    async (_, average) => {
      const [without, used, told] = [await build(), await build(), await build()];
      await run(without, { optimizer, compile });
      await run(used, { optimizer, compile, average: average() });
      const events = await run(told, {
        optimizer,
        compile,
        average: (() => ({ ...average(), use: 'raw' as const }))(),
      });
      expect(events.at(-1)).not.toHaveProperty('averaged');
      expect(weightsOf(told)).toEqual(weightsOf(without));
      expect(weightsOf(used)).not.toEqual(weightsOf(without));
      for (const network of [without, used]) await run(network, { compile });
      expect(weightsOf(used)).toEqual(weightsOf(without));
      for (const network of [without, used, told]) network.dispose();
    },
  );

  it.each(inTurn(averages, compile, modes))(
    '%s is evaluated beside the weights that are trained',
    async (_, average) => {
      const [network, raw] = [await build(), await build()];
      const evaluateEvery = 2;
      const events = await run(network, { optimizer, compile, evaluateEvery, average: average() });
      const plainEvents = await run(raw, { optimizer, compile, evaluateEvery });
      const evaluations = events.filter((event) => event.kind === 'evaluation');
      expect(evaluations.map(({ metrics }) => metrics)).toEqual(
        plainEvents.flatMap((event) => (event.kind === 'evaluation' ? [event.metrics] : [])),
      );
      expect(evaluations.map(({ averaged }) => averaged !== undefined)).toEqual(
        [2, 4, 6, 8].map((step) => average().taken(step) > 0),
      );
      // What is measured last is what the network holds.
      expect(evaluations.at(-1)!.averaged).toEqual(await evaluate(network, { split: 'validation', compile }));
      expect(evaluations.at(-1)!.metrics).toEqual(await evaluate(raw, { split: 'validation', compile }));
      for (const each of [network, raw]) each.dispose();
    },
  );

  it.each(inTurn(averages, compile, modes))('%s goes on from a checkpoint to the same bits', async (_, average) => {
    const place = await mkdtemp(join(tmpdir(), 'banyan-average-'));
    const options = (folder: string): TrainOptions => ({
      ...plain,
      optimizer,
      compile,
      average: average(),
      evaluateEvery: 2,
      checkpoint: { every: 5, folder: join(place, folder) },
    });
    const [whole, cut, again] = [await build(), await build(), await build()];
    await lastValueFrom(train(whole, options('whole')));
    await lastValueFrom(train(cut, { ...options('cut'), stop: ({ step }) => step === 5 }));
    await lastValueFrom(resume(again, join(place, 'cut'), options('cut')));
    expect(weightsOf(again)).toEqual(weightsOf(whole));
    for (const network of [whole, again]) await run(network, { compile });
    expect(weightsOf(again)).toEqual(weightsOf(whole));
    // Once more in the network that holds an average.
    await lastValueFrom(resume(cut, join(place, 'cut'), options('cut')));
    await run(cut, { compile });
    expect(weightsOf(cut)).toEqual(weightsOf(whole));
    const other = { ...options('cut'), average: exponentialAverage({ decay: 0.1 }) };
    await expect(lastValueFrom(resume(again, join(place, 'cut'), other))).rejects.toThrow(
      'the run would not end with the same bits',
    );
    for (const network of [whole, cut, again]) network.dispose();
  });

  it('an optimiser that averages by itself is evaluated and kept by its average', async () => {
    const optimizer = scheduleFreeAdamW({ learningRate: 0.05 });
    const [network, twice] = [await build(), await build()];
    const events = await run(network, { optimizer, compile, evaluateEvery: 4 });
    expect(events.at(-1)).toMatchObject({ averaged: true });
    const evaluations = events.flatMap((event) => (event.kind === 'evaluation' ? [event] : []));
    expect(evaluations.at(-1)!.metrics).toEqual(await evaluate(network, { split: 'validation', compile }));
    expect(evaluations.at(-1)).not.toHaveProperty('averaged');
    // Neither evaluations nor an end between change what is trained.
    await run(twice, { optimizer, compile, steps: 3 });
    await run(twice, { compile, steps: 8, seed: 2 });
    await run(network, { compile, steps: 3 });
    expect(weightsOf(twice).size).toBe(weightsOf(network).size);
    for (const each of [network, twice]) each.dispose();
  });

  it.each([
    ['an average', { optimizer: adamW({ learningRate: 0.05 }), average: exponentialAverage({ decay: 0.9 }) }],
    ['an optimiser that averages', { optimizer: scheduleFreeAdamW({ learningRate: 0.05 }) }],
  ])('%s is judged, and kept where it was best', async (_, averaging) => {
    const network = await build();
    // The rate is too high in the end: the last is not the best.
    const schedule = { kind: 'rising', config: 'rising', factor: (step: number) => (step < 8 ? 1 : 40) };
    const options = { ...averaging, compile, schedule, steps: 16, evaluateEvery: 2 };
    const events = await run(network, { ...options, best: { task: 'a' } });
    const { best, averaged } = events.at(-1) as { best: number; averaged: true };
    expect([best < 16, averaged]).toEqual([true, true]);
    const evaluations = events.flatMap((event) => (event.kind === 'evaluation' ? [event] : []));
    const chosen = evaluations.find(({ step }) => step === best)!;
    const held = await evaluate(network, { split: 'validation', compile });
    expect(held.a).toEqual((chosen.averaged ?? chosen.metrics).a);
    network.dispose();
  });

  it('a task that has stopped keeps the best of its average, while the others go on', async () => {
    const [network, until] = [await noisy(), await noisy()];
    const average = exponentialAverage({ decay: 0.9 });
    const options = { optimizer, compile, average, steps: 24, evaluateEvery: 2 };
    const events = await run(network, { ...options, stop: { perTask: { patience: 1, drift: 10 } } });
    const [stop] = events.flatMap((event) => (event.kind === 'stop' ? [event] : []));
    const { task, step, bestStep } = stop!;
    expect(events.at(-1)!.step).toBeGreaterThan(step);
    await run(until, { ...options, stop: ({ kind, step }) => kind === 'step' && step === bestStep });
    const kernel = `head/${task}/kernel`;
    expect(weightsOf(network).get(kernel)).toEqual(weightsOf(until).get(kernel));
    for (const each of [network, until]) each.dispose();
  });

  it.each([
    ['stochastic', stochasticAverage({ from: 8 })],
    ['checkpoints', checkpointAverage({ every: 10, last: 2 })],
  ])('%s takes in a task that has stopped before it begins', async (_, average) => {
    const [network, raw] = [await noisy(), await noisy()];
    const options = { optimizer, compile, steps: 24, evaluateEvery: 2, stop: { perTask: { patience: 1, drift: 10 } } };
    const events = await run(network, { ...options, average });
    await run(raw, options);
    const [stop] = events.flatMap((event) => (event.kind === 'stop' ? [event] : []));
    expect(average.taken(stop!.step)).toBe(0);
    expect(average.taken(events.at(-1)!.step)).toBeGreaterThan(0);
    for (const part of ['stem', 'head']) {
      const kernel = `${part}/${stop!.task}/kernel`;
      expect(weightsOf(network).get(kernel), kernel).toEqual(weightsOf(raw).get(kernel));
    }
    for (const each of [network, raw]) each.dispose();
  });

  it('the best weights are those that a later training begins with, all of them', async () => {
    const network = await noisy();
    // The rate is too high in the end: the last is not the best.
    const schedule = { kind: 'rising', config: 'rising', factor: (step: number) => (step < 16 ? 1 : 40) };
    const options = { optimizer, compile, schedule, steps: 24, evaluateEvery: 2, average: exponentialAverage() };
    const stopping = { best: { task: 'a' }, stop: { perTask: { patience: 1, drift: 10 } } };
    const events = await run(network, { ...options, ...stopping });
    const [stop] = events.flatMap((event) => (event.kind === 'stop' ? [event] : []));
    const { best, step } = events.at(-1) as { best: number; step: number };
    // What the task that has stopped holds is the same in the best weights and in the last.
    expect([stop!.task, stop!.step < best, best < step]).toEqual(['noise', true, true]);
    const before = weightsOf(network);
    const still = { kind: 'still', config: 'still', factor: () => 0 };
    await run(network, { compile, schedule: still, steps: 1 });
    expect(weightsOf(network)).toEqual(before);
    network.dispose();
  });

  it('goes on from a checkpoint where some weights are frozen', async () => {
    const place = await mkdtemp(join(tmpdir(), 'banyan-average-'));
    const options = (folder: string): TrainOptions => ({
      ...plain,
      optimizer,
      compile,
      average: exponentialAverage({ decay: 0.5 }),
      parameters: [{ match: 'stem/*', frozen: true }],
      checkpoint: { every: 5, folder: join(place, folder) },
    });
    const [whole, cut, again] = [await build(), await build(), await build()];
    await lastValueFrom(train(whole, options('whole')));
    await lastValueFrom(train(cut, { ...options('cut'), stop: ({ step }) => step === 5 }));
    await lastValueFrom(resume(again, join(place, 'cut'), options('cut')));
    expect(weightsOf(again)).toEqual(weightsOf(whole));
    for (const network of [whole, cut, again]) network.dispose();
  });

  it('a training that cannot begin leaves the network as it was', async () => {
    const network = await build();
    await run(network, { optimizer, compile, average: exponentialAverage() });
    const before = weightsOf(network);
    const folder = join(await mkdtemp(join(tmpdir(), 'banyan-average-')), 'none');
    await expect(lastValueFrom(resume(network, folder, { ...plain, compile }))).rejects.toThrow('no whole checkpoint');
    expect(weightsOf(network)).toEqual(before);
    network.dispose();
  });
});

it('an average that cannot be made is an error', async () => {
  const network = await build();
  await expect(run(network, { average: stochasticAverage({ from: 9 }) })).rejects.toThrow(
    'train: average "stochastic" takes in no weights in 8 steps, expected some. Let it take them in earlier, or train for longer.',
  );
  await expect(run(network, { average: exponentialAverage(), optimizer: scheduleFreeAdamW() })).rejects.toThrow(
    'train: average "exponential" was asked for, and the optimiser "schedule-free-adamw" averages the weights by itself. Expected one of the two. Leave average out.',
  );
  network.dispose();
});

it('what an optimiser averages is what a task uses that joins later', async () => {
  const network = await build();
  await run(network, { optimizer: scheduleFreeAdamW({ learningRate: 0.05 }), tasks: ['a'] });
  const before = weightsOf(network);
  await run(network, { tasks: ['b'] });
  expect(weightsOf(network).get('head/b/kernel')).not.toEqual(before.get('head/b/kernel'));
  expect(weightsOf(network).get('head/a/kernel')).toEqual(before.get('head/a/kernel'));
  network.dispose();
});

it.each([
  ['an average', { optimizer: adamW({ learningRate: 0.02 }), average: exponentialAverage() }],
  ['an optimiser that averages', { optimizer: scheduleFreeAdamW({ learningRate: 0.02 }) }],
])('%s begins anew from weights that it was given meanwhile', async (_, options) => {
  const network = await build();
  await run(network, options);
  const { tensor } = internals(network)
    .body.store.all()
    .find(({ name }) => name === 'head/a/kernel')!;
  tf.tidy(() => tensor.assign(tf.fill(tensor.shape, 7)));
  await run(network, { steps: 1 });
  for (const value of weightsOf(network).get('head/a/kernel')!) expect(Math.abs(value - 7)).toBeLessThan(0.1);
  network.dispose();
});

it('leaves no tensor behind', async () => {
  const cycle = async () => {
    const network = await build();
    await run(network, { average: checkpointAverage({ every: 2, last: 2 }), evaluateEvery: 4 });
    await run(network, { average: exponentialAverage() });
    await run(network, { optimizer: scheduleFreeAdamW() });
    await run(network, {});
    network.dispose();
  };
  await cycle();
  const before = tf.memory().numTensors;
  await cycle();
  expect(tf.memory().numTensors).toBe(before);
});

describe.each(['graph', 'eager'] as const)('running statistics, %s', (compile) => {
  const { statistics } = JSON.parse(
    readFileSync(new URL('../../optimise/averages/averages.json', import.meta.url), 'utf8'),
  ) as { statistics: { rows: number[][]; mean: number[]; variance: number[] } };
  const stem = (context: StemContext) => {
    context.settings({ version: 1 });
    const norm = batchNorm(context, 'norm', 2);
    const kernel = context.variable('kernel', [2, context.width], 'glorotNormal');
    return {
      modality: 'numbers',
      inputShape: [2],
      prepare: (raw: readonly number[]) => Float32Array.from(raw),
      forward: (batch: tf.Tensor, call: { training: boolean }) =>
        tf.matMul(norm(batch as tf.Tensor2D, call), kernel as tf.Tensor as tf.Tensor2D).expandDims(1) as tf.Tensor3D,
    };
  };
  // In their order: of which rows a batch is made matters.
  const inOrder = {
    counts: { training: statistics.rows.length, validation: 0, test: 0 },
    read: (_: unknown, indices: readonly number[]) =>
      indices.map((i) => ({ input: statistics.rows[i]!, target: statistics.rows[i]![0]! })),
  };
  const normed = (source = inOrder): Promise<Network> =>
    createNetwork({
      trunk,
      tasks: [
        defineTask({
          name: 'normed',
          stem,
          head: headOf,
          source,
        }) as AnyTask,
      ],
      seed: 5,
    });
  const optimizer = sgd({ learningRate: 0.01 });

  it('are computed anew for a stochastic average, as by PyTorch, and those of the training come back', async () => {
    const [network, without] = [await normed(), await normed()];
    await run(without, { optimizer, compile });
    await run(network, { optimizer, compile, average: stochasticAverage({ from: 2 }) });
    const held = weightsOf(network);
    expect(disagreement(held.get('stem/normed/norm/running-mean')!, statistics.mean, 1e-4, 1e-5)).toBeLessThan(1);
    expect(disagreement(held.get('stem/normed/norm/running-variance')!, statistics.variance, 1e-4, 1e-5)).toBeLessThan(
      1,
    );
    for (const each of [network, without]) await run(each, { compile });
    expect(weightsOf(network)).toEqual(weightsOf(without));
    for (const each of [network, without]) each.dispose();
  });

  const MEAN = 'stem/normed/norm/running-mean';

  it.each([
    ['are computed anew for a part that is trained from a step on', { until: 3 }],
    ['are computed anew for a part that was trained up to a step', { from: 6 }],
  ])('%s', async (_, frozen) => {
    const network = await normed();
    const parameters = [{ match: 'stem/*', frozen }];
    await run(network, { optimizer, compile, parameters, average: stochasticAverage({ from: 4 }) });
    expect(disagreement(weightsOf(network).get(MEAN)!, statistics.mean, 1e-4, 1e-5)).toBeLessThan(1);
    network.dispose();
  });

  it('stay for a part that is frozen, and are computed anew once a later training trains it', async () => {
    const network = await normed();
    const begin = weightsOf(network).get(MEAN);
    const average = stochasticAverage({ from: 2 });
    await run(network, { optimizer, compile, parameters: [{ match: 'stem/*', frozen: true }], average });
    expect(weightsOf(network).get(MEAN)).toEqual(begin);
    await run(network, { compile, average });
    expect(disagreement(weightsOf(network).get(MEAN)!, statistics.mean, 1e-4, 1e-5)).toBeLessThan(1);
    network.dispose();
  });

  it('are those of the training where they cannot be computed anew', async () => {
    let readings = Number.NEGATIVE_INFINITY;
    const failing = {
      ...inOrder,
      read: (split: unknown, indices: readonly number[]) => {
        // By the second of its batches some are changed.
        if (++readings === 2) throw new Error('the disk is gone');
        return inOrder.read(split, indices);
      },
    };
    const [network, without] = [await normed(failing), await normed()];
    await run(without, { optimizer, compile });
    const stop: TrainOptions['stop'] = ({ kind, step }) => {
      if (kind === 'step' && step === plain.steps) readings = 0;
      return false;
    };
    const options = { optimizer, compile, stop, average: stochasticAverage({ from: 2 }) };
    await expect(run(network, options)).rejects.toThrow('the disk is gone');
    expect(weightsOf(network)).toEqual(weightsOf(without));
    for (const each of [network, without]) each.dispose();
  });

  it('are those of the training for an exponential average', async () => {
    const [network, without] = [await normed(), await normed()];
    await run(without, { optimizer, compile });
    await run(network, { optimizer, compile, average: exponentialAverage() });
    const name = 'stem/normed/norm/running-mean';
    expect(weightsOf(network).get(name)).toEqual(weightsOf(without).get(name));
    for (const each of [network, without]) each.dispose();
  });
});
