import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { HeadContext } from 'banyan-ml';
import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  type AnyTask,
  adam,
  createNetwork,
  defineTask,
  denseTrunk,
  evaluate,
  type Network,
  resume,
  type Source,
  type StemContext,
  sgd,
  type TrainingEvent,
  type TrainOptions,
  train,
  transformerTrunk,
} from '../../src/index.ts';
import { batchNorm, dropout } from '../../src/layers/index.ts';
import { internals } from '../../src/network/index.ts';
import { indicesAt } from '../../src/train/reading/order.ts';
import { headOf, inputs, NumbersStem, numbersSource, numbersTask, stemOf } from '../fixtures.ts';

const trunk = denseTrunk({ width: 8, depth: 1 });
const all = (network: Network, options: TrainOptions) => lastValueFrom(train(network, options).pipe(toArray()));
const steps = (events: TrainingEvent[]) => events.filter((event) => event.kind === 'step');
const weights = (network: Network) =>
  internals(network)
    .body.store.all()
    .map((v) => [v.name, [...v.tensor.dataSync()]]);

/** A stem with everything that could break exact resume: dropout and batch statistics. */
function noisyTask(name: string) {
  return defineTask({
    name,
    stem: (context: StemContext) => {
      const inner = new NumbersStem(context);
      const norm = batchNorm(context, 'norm', context.width);
      return {
        modality: 'numbers',
        inputShape: [4],
        prepare: (raw: readonly number[]) => inner.prepare(raw),
        forward: (batch: tf.Tensor, call) => dropout(norm(inner.forward(batch, call), call), 0.3, context.random, call),
      };
    },
    head: (context) => headOf(context),
    source: numbersSource((x) => x[0]!),
  });
}

describe('train', () => {
  it('tells what happens, in order, and lowers the loss', async () => {
    const network = await createNetwork({ trunk, tasks: [numbersTask('a'), numbersTask('b', (x) => x[1]!)], seed: 1 });
    const events = await all(network, {
      steps: 40,
      batch: 16,
      evaluateEvery: 20,
      optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }),
    });
    expect(events.map((event) => event.kind)).toEqual([
      'start',
      ...Array(20).fill('step'),
      'evaluation',
      ...Array(20).fill('step'),
      'evaluation',
      'end',
    ]);
    const losses = steps(events).map((event) => event.losses.a!);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
    expect(steps(events).map((event) => event.step)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(events.at(-1)).toEqual({ kind: 'end', step: 40, reason: 'steps' });
    network.dispose();
  });

  it('gives the same numbers for the same seed, others for another', async () => {
    const run = async (seed: number) => {
      const network = await createNetwork({ trunk, tasks: [noisyTask('a')], seed: 1 });
      await all(network, { steps: 5, batch: 8, seed });
      const values = weights(network);
      network.dispose();
      return values;
    };
    expect(await run(1)).toEqual(await run(1));
    expect(await run(2)).not.toEqual(await run(1));
  });

  it('is cold, starts once, and one at a time', async () => {
    const network = await createNetwork({ trunk, tasks: [numbersTask('a')] });
    const before = weights(network);
    const training = train(network, { steps: 30, batch: 4 });
    expect(weights(network)).toEqual(before);
    const running = lastValueFrom(training);
    await expect(lastValueFrom(train(network, { steps: 1, batch: 4 }))).rejects.toThrow(
      'This network is being trained, expected one change at a time.',
    );
    await running;
    await expect(lastValueFrom(training)).rejects.toThrow(
      'This training was started before, expected one subscription.',
    );
    await lastValueFrom(train(network, { steps: 1, batch: 4 }));
    network.dispose();
  });

  it('stops after the running step when unsubscribed, or when the rule says so', async () => {
    const network = await createNetwork({ trunk, tasks: [numbersTask('a')] });
    await firstValueFrom(train(network, { steps: 1000, batch: 4 }).pipe(take(4), toArray()));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const events = await all(network, {
      steps: 1000,
      batch: 4,
      stop: (event) => event.kind === 'step' && event.step === 3,
    });
    expect(events.at(-1)).toEqual({ kind: 'end', step: 3, reason: 'stopped' });
    network.dispose();
  });

  it('ends when its network is disposed, and writes no empty checkpoint', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'banyan-disposed-'));
    const network = await createNetwork({ trunk, tasks: [numbersTask('a')] });
    const before = tf.memory().numTensors;
    const events = await all(network, {
      steps: 1000,
      batch: 4,
      evaluateEvery: 5,
      checkpoint: { every: 2, folder },
      stop: (event) => {
        if (event.kind === 'step' && event.step === 5) network.dispose();
        return false;
      },
    });
    expect(events.at(-1)).toEqual({ kind: 'end', step: 5, reason: 'stopped' });
    expect((await readdir(folder)).sort()).toEqual(['step-00000002', 'step-00000004']);
    expect(tf.memory().numTensors).toBeLessThan(before);
  });

  it('keeps the weights from a schedule that is no number', async () => {
    const network = await createNetwork({ trunk, tasks: [numbersTask('a')] });
    const before = weights(network);
    const schedule = { kind: 'mine', config: {}, factor: () => Number.NaN };
    await expect(all(network, { steps: 1, batch: 4, schedule })).rejects.toThrow(
      'The schedule "mine" makes the learning rate of step 1 NaN, expected a finite number.',
    );
    expect(weights(network)).toEqual(before);
    network.dispose();
  });

  it('goes on with the state of the optimiser unless one is given', async () => {
    const options = { batch: 8, seed: 3 };
    const twice = await createNetwork({ trunk, tasks: [numbersTask('a')], seed: 2 });
    const constantRate = { kind: 'constant', config: {}, factor: () => 1 };
    await all(twice, { ...options, steps: 5, schedule: constantRate });
    await all(twice, { ...options, steps: 5, schedule: constantRate });
    const once = await createNetwork({ trunk, tasks: [numbersTask('a')], seed: 2 });
    await all(once, { ...options, steps: 10, schedule: constantRate });
    expect(weights(twice)).toEqual(weights(once));
    const before = tf.memory().numTensors;
    await all(twice, { ...options, steps: 1, optimizer: sgd({ learningRate: 0.1 }) });
    expect(tf.memory().numTensors).toBeLessThan(before); // Adam's slots are gone
    twice.dispose();
    once.dispose();
  });

  it('gives a task that joins later a first step of its own, and one as large as the first of all', async () => {
    const network = await createNetwork({ trunk, tasks: [numbersTask('early'), numbersTask('late')], seed: 2 });
    const optimizer = adam({ learningRate: 0.01 });
    await all(network, { batch: 8, steps: 20, tasks: ['early'], optimizer });
    const head = internals(network).body.store.of('head/late')[0]!.tensor;
    const before = head.dataSync().slice();
    const constantRate = { kind: 'constant', config: {}, factor: () => 1 };
    await all(network, { batch: 8, steps: 1, tasks: ['late'], schedule: constantRate });
    // Adam's first step moves each weight by the learning rate.
    for (const [i, value] of head.dataSync().entries()) {
      if (value !== before[i]) expect(Math.abs(value - before[i]!)).toBeCloseTo(0.01, 4);
    }
    expect([...head.dataSync()]).not.toEqual([...before]);
    network.dispose();
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const network = await createNetwork({
      trunk: transformerTrunk({ width: 8, depth: 1, heads: 2, dropout: 0.1 }),
      tasks: [noisyTask('a')],
    });
    await all(network, { steps: 3, batch: 4, evaluateEvery: 1 });
    await evaluate(network);
    await network.predict('a', [inputs[0]!]);
    network.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('missing labels', () => {
  const sgdOptions = { steps: 1, batch: 8, clip: 1e9, seed: 4, optimizer: sgd({ learningRate: 0.1 }) };

  it.each([undefined, Number.NaN])(
    '%s has no part in the loss: the mean is over the labelled ones',
    async (missing) => {
      const half = await createNetwork({
        trunk,
        tasks: [numbersTask('a', (x, i) => (i % 2 ? missing : x[0]!))],
        seed: 1,
      });
      const [event] = steps(await all(half, sgdOptions));
      // The same step without the unlabelled: the mean over the labelled alone.
      const indices = indicesAt(0, 150, 8, 4).filter((i) => i % 2 === 0);
      const fresh = await createNetwork({ trunk, tasks: [numbersTask('a')], seed: 1 });
      const predictions = await fresh.predict(
        'a',
        indices.map((i) => inputs[i]!),
      );
      const errors = predictions.map((prediction, i) => (prediction - inputs[indices[i]!]![0]!) ** 2);
      expect(event!.losses.a).toBeCloseTo(errors.reduce((a, b) => a + b) / errors.length, 5);
      fresh.dispose();
      expect(
        weights(half)
          .flat(3)
          .every((value) => typeof value === 'string' || Number.isFinite(value)),
      ).toBe(true);
      const none = await createNetwork({ trunk, tasks: [numbersTask('a', () => missing)], seed: 1 });
      const before = weights(none);
      const [empty] = steps(await all(none, sgdOptions));
      expect(empty!.losses.a).toBeUndefined();
      expect(weights(none)).toEqual(before);
      half.dispose();
      none.dispose();
    },
  );
});

describe('weights and learning-rate factors', () => {
  const once = { steps: 1, batch: 8, clip: 1e9, seed: 4 };

  it('scale the gradient, and the update of the task alone', async () => {
    const change = async (rest: { weight?: number; learningRate?: number }) => {
      const network = await createNetwork({ trunk, tasks: [numbersTask('a', undefined, rest)], seed: 1 });
      const read = () =>
        internals(network)
          .body.store.all()
          .map((v) => ({ part: v.scope, values: v.tensor.dataSync().slice() }));
      const before = read();
      await all(network, { ...once, optimizer: sgd({ learningRate: 0.01 }) });
      const after = read();
      network.dispose();
      return before.map(({ part, values }, v) => ({
        part,
        change: Math.hypot(...values.map((x, i) => after[v]!.values[i]! - x)),
      }));
    };
    const plain = await change({});
    for (const [v, { part, change: norm }] of (await change({ weight: 0.5 })).entries()) {
      expect(norm, part).toBeCloseTo(plain[v]!.change / 2, 4);
    }
    for (const [v, { part, change: norm }] of (await change({ learningRate: 0 })).entries()) {
      expect(norm, part).toBeCloseTo(part.startsWith('column-0') ? plain[v]!.change : 0, 6);
    }
  });
});

describe('a training that cannot go on', () => {
  it('keeps the weights when a loss is not finite, and names task and step', async () => {
    const task = numbersTask('wild', (x, i) => (i === 7 ? 1e38 : x[0]!));
    const network = await createNetwork({ trunk, tasks: [numbersTask('tame'), task], seed: 1 });
    let last = weights(network);
    let step = 0;
    const done = new Promise<Error>((resolve) =>
      train(network, { steps: 200, batch: 8 }).subscribe({
        next: (event) => {
          if (event.kind !== 'step') return;
          last = weights(network);
          step = event.step;
        },
        error: resolve,
      }),
    );
    expect((await done).message).toMatch(
      new RegExp(
        `^Update ${step + 1}: the loss of task "wild" is (Infinity|NaN), expected a finite number\\. The weights are those before this update\\. .*, or lower the learning rate\\.$`,
      ),
    );
    expect(weights(network)).toEqual(last);
    network.dispose();
  });

  it('names the plugin that leaks', async () => {
    const kept: tf.Tensor[] = [];
    const leaky = defineTask({
      name: 'leaky',
      stem: (context: StemContext) => {
        const inner = new NumbersStem(context);
        return {
          modality: 'numbers',
          inputShape: [4],
          prepare: (raw: readonly number[]) => inner.prepare(raw),
          forward: (batch: tf.Tensor, call) => {
            kept.push(tf.keep(tf.zeros([1])));
            return inner.forward(batch, call);
          },
        };
      },
      head: (context) => headOf(context),
      source: numbersSource((x) => x[0]!),
    });
    const network = await createNetwork({ trunk, tasks: [numbersTask('clean'), leaky] });
    await expect(all(network, { steps: 3, batch: 4 })).rejects.toThrow(
      'stem/leaky: a step left 1 tensors alive, expected none.',
    );
    tf.dispose(kept);
    network.dispose();
  });

  it('takes as many examples of a task as are asked for', async () => {
    const asked: Record<string, number> = {};
    const counted = (name: string) => {
      const task = numbersTask(name);
      const source = task.source as Source<readonly number[], number>;
      const read: typeof source.read = (split, indices, context) => {
        if (split === 'training' && context.step > 0) asked[name] = indices.length;
        return source.read(split, indices, context);
      };
      return { ...task, source: { ...source, read } };
    };
    const tasks = [counted('a'), counted('b')];
    const network = await createNetwork({ trunk, tasks });
    const epochs = steps(await all(network, { epochs: 1, batch: { a: 50, b: 30 }, accumulate: 2 }));
    expect(epochs).toHaveLength(5); // 150 / 30
    expect(asked).toEqual({ a: 50, b: 30 });
    await expect(all(network, { steps: 1, batch: { a: 4 } })).rejects.toThrow(
      'train: batch of task "b" must be a whole number >= 1, received nothing. Add it.',
    );
    network.dispose();
    const shared = tasks[0]!.source;
    const both = await createNetwork({ trunk, tasks: [tasks[0]!, { ...tasks[1]!, source: shared }] });
    await expect(all(both, { steps: 1, batch: { a: 4, b: 5 } })).rejects.toThrow(
      'train: tasks "a" and "b" have one source, and must have one batch, received 4 and 5. Give both the same number.',
    );
    both.dispose();
  });

  it('says which option is wrong', async () => {
    const network = await createNetwork({ trunk, tasks: [numbersTask('a')] });
    await expect(all(network, { steps: 0, batch: 4 })).rejects.toThrow(
      'train: steps must be a whole number >= 1, received 0. Raise it to 1 or more.',
    );
    await expect(all(network, { steps: 1, batch: 4, seed: 2 ** 53 })).rejects.toThrow(
      'train: seed must be a whole number from 0 to 2^53 - 1, received 9007199254740992. Give such',
    );
    await expect(all(network, { batch: 4 })).rejects.toThrow(
      'train: expected either steps or epochs, received steps undefined, epochs undefined.',
    );
    await expect(all(network, { steps: 1, batch: 4, tasks: ['b'] })).rejects.toThrow(
      'There is no task "b" in this network. Expected one of: a.',
    );
    const epochs = steps(await all(network, { epochs: 2, batch: 100 }));
    expect(epochs).toHaveLength(3); // 2 × 150 / 100
    network.dispose();
  });
});

describe('resume', () => {
  const tasks = (): AnyTask[] => [noisyTask('a'), numbersTask('b', (x, i) => (i % 3 ? x[1]! : undefined))];
  const options = (folder: string): TrainOptions => ({
    steps: 12,
    batch: 8,
    seed: 6,
    checkpoint: { every: 4, folder },
  });
  const fresh = () =>
    createNetwork({ trunk: transformerTrunk({ width: 8, depth: 1, heads: 2, dropout: 0.1 }), tasks: tasks(), seed: 9 });
  const bytes = (folder: string, name: string) => readFile(join(folder, 'step-00000012', name));

  it('ends with the same bytes as a training that nothing interrupted', async () => {
    const place = await mkdtemp(join(tmpdir(), 'banyan-resume-'));
    const [whole, broken] = [join(place, 'whole'), join(place, 'broken')];
    const first = await fresh();
    await all(first, options(whole));
    const second = await fresh();
    await all(second, { ...options(broken), stop: (event) => event.kind === 'step' && event.step === 6 });
    // As after a kill: the checkpoint of step 6 is lost, the one of step 4 is the newest.
    await rm(join(broken, 'step-00000006'), { recursive: true });
    const third = await fresh();
    const events = await lastValueFrom(resume(third, broken, options(broken)).pipe(toArray()));
    expect(events[0]).toMatchObject({ kind: 'start', step: 4 });
    for (const name of ['weights.safetensors', 'optimizer.safetensors', 'manifest.json']) {
      expect((await bytes(broken, name)).equals(await bytes(whole, name)), name).toBe(true);
    }
    expect((await readdir(whole)).sort()).toEqual(['step-00000008', 'step-00000012']);
    for (const network of [first, second, third]) network.dispose();
  });

  it('goes on without clipping where there was none: infinity is the same after it was written', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'banyan-resume-')), 'run');
    const unclipped = { ...options(folder), clip: Number.POSITIVE_INFINITY };
    const first = await fresh();
    await all(first, { ...unclipped, stop: (event) => event.kind === 'step' && event.step === 4 });
    const second = await fresh();
    const end = await lastValueFrom(resume(second, folder, unclipped));
    expect(end).toMatchObject({ kind: 'end', step: 12 });
    for (const network of [first, second]) network.dispose();
  });

  it('keeps the promise with a shared source, a part of the tasks, and evaluation in between', async () => {
    const place = await mkdtemp(join(tmpdir(), 'banyan-shared-'));
    const build = () => {
      // Its state moves with every read, of whatever split.
      let reads = 0;
      const pairs = numbersSource((x) => ({ left: x[0]!, right: x[1]! }));
      const source: typeof pairs = {
        ...pairs,
        read: async (split, indices, context) => {
          const drift = ++reads / 50;
          await new Promise((resolve) => setTimeout(resolve, indices.length % 3));
          const examples = await pairs.read(split, indices, context);
          return examples.map(({ input, target }) => ({
            input,
            target: { left: target!.left + drift + context.step / 10, right: target!.right },
          }));
        },
        state: () => reads,
        restore: (state) => {
          reads = state as number;
        },
      };
      const tasks = [
        defineTask({
          name: 'left',
          stem: stemOf,
          head: (context: HeadContext) => headOf(context),
          source,
          target: 'left',
        }),
        defineTask({
          name: 'right',
          stem: stemOf,
          head: (context: HeadContext) => headOf(context),
          source,
          target: 'right',
        }),
        numbersTask('other'),
      ];
      return createNetwork({ trunk, tasks, seed: 3 });
    };
    const before = { steps: 3, batch: 8, tasks: ['left', 'other'], seed: 1 };
    const later = (folder: string): TrainOptions => ({
      ...options(folder),
      tasks: ['right', 'left'],
      evaluateEvery: 2,
      optimizer: adam({ learningRate: 0.01 }),
    });
    const runs = [await build(), await build(), await build()] as const;
    for (const network of runs) await all(network, before);
    await all(runs[0], later(join(place, 'a')));
    await all(runs[1], { ...later(join(place, 'b')), stop: (event) => event.kind === 'step' && event.step === 7 });
    await lastValueFrom(resume(runs[2], join(place, 'b'), later(join(place, 'b'))));
    expect(weights(runs[2])).toEqual(weights(runs[0]));
    for (const file of ['optimizer.safetensors', 'manifest.json']) {
      const [whole, resumed] = await Promise.all(
        ['a', 'b'].map((run) => readFile(join(place, run, 'step-00000012', file), 'utf8')),
      );
      expect(resumed, file).toBe(whole);
    }
    for (const network of runs) network.dispose();
  });

  it('is not mixed up with another training in the same folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'banyan-mixed-'));
    const network = await fresh();
    await all(network, options(folder));
    await expect(all(network, options(folder))).rejects.toThrow(
      /holds checkpoints of another training \(step-00000012\), expected a folder without any\./,
    );
    network.dispose();
  });

  it('restores a source that has a state of its own', async () => {
    // A walk: each example depends on how many were made before.
    const walk = (): Source<readonly number[], number> => {
      let made = 0;
      return {
        counts: { training: Number.POSITIVE_INFINITY, validation: 0, test: 0 },
        read: (_, indices) => indices.map(() => ({ input: [Math.sin(++made), 0, 0, 1], target: made % 5 })),
        state: () => made,
        restore: (state) => {
          made = state as number;
        },
      };
    };
    const place = await mkdtemp(join(tmpdir(), 'banyan-walk-'));
    const build = () => createNetwork({ trunk, tasks: [{ ...numbersTask('walk'), source: walk() }], seed: 2 });
    const [one, two, three] = [await build(), await build(), await build()];
    await all(one, options(join(place, 'a')));
    await all(two, { ...options(join(place, 'b')), stop: (event) => event.kind === 'step' && event.step === 5 });
    await lastValueFrom(resume(three, join(place, 'b'), options(join(place, 'b'))));
    expect(weights(three)).toEqual(weights(one));
    for (const network of [one, two, three]) network.dispose();
  });
});

describe('a source that acts with the network', () => {
  it('reads in step with the updates and sees the weights of the step before', async () => {
    const seen: { step: number; prediction: number }[] = [];
    const source: Source<readonly number[], number> = {
      counts: { training: Number.POSITIVE_INFINITY, validation: 0, test: 0 },
      lockStep: true,
      read: async (_, indices, context) => {
        const [prediction] = await context.predict('game', [[1, 1, 1, 1]]);
        seen.push({ step: context.step, prediction: (prediction as Float32Array)[0]! });
        return indices.map(() => ({ input: [1, 1, 1, 1], target: 5 }));
      },
    };
    const network = await createNetwork({ trunk, tasks: [{ ...numbersTask('game'), source }], seed: 1 });
    const after: number[] = [];
    await all(network, {
      steps: 4,
      batch: 4,
      stop: (event) => {
        if (event.kind === 'step') after.push(event.step);
        return false;
      },
    });
    expect(seen.map(({ step }) => step)).toEqual([0, 1, 2, 3]);
    expect(new Set(seen.map(({ prediction }) => prediction)).size).toBe(4);
    const [last] = await network.predict('game', [[1, 1, 1, 1]]);
    expect(seen.map(({ prediction }) => prediction)).not.toContain(last);
    network.dispose();
  });

  it('is read beside an update where it says that it is ready, and must then need no network', async () => {
    const told: string[] = [];
    const playing = (lying: boolean): Source<readonly number[], number> => {
      let reads = 0;
      return {
        counts: { training: Number.POSITIVE_INFINITY, validation: 0, test: 0 },
        lockStep: true,
        // Every third batch is one to play for.
        ready: (count) => count === 4 && reads % 3 !== 0,
        read: async (_, indices, context) => {
          if (lying || reads % 3 === 0) await context.predict('game', [[1, 1, 1, 1]]);
          told.push(`read ${context.step}`);
          reads++;
          return indices.map(() => ({ input: [1, 1, 1, 1], target: 5 }));
        },
      };
    };
    const game = (lying: boolean) => ({ ...numbersTask('game'), source: playing(lying) });
    const network = await createNetwork({ trunk, tasks: [game(false)], seed: 1 });
    await all(network, {
      steps: 6,
      batch: 4,
      stop: (event) => {
        if (event.kind === 'step') told.push(`update ${event.step}`);
        return false;
      },
    });
    const at = (what: string) => told.indexOf(what);
    expect(at('read 1')).toBeLessThan(at('update 1'));
    expect(at('read 3')).toBeGreaterThan(at('update 3'));
    expect(told.filter((what) => what.startsWith('read'))).toEqual([0, 1, 2, 3, 4, 5].map((step) => `read ${step}`));
    network.dispose();
    const liar = await createNetwork({ trunk, tasks: [game(true)], seed: 1 });
    await expect(all(liar, { steps: 6, batch: 4 })).rejects.toThrow('"game" said that it was ready, and uses the');
    liar.dispose();
  });
});
