import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { Source } from 'banyan-ml/data';
import { actorCritic, observationStem, qValues, replay, rollouts } from 'banyan-ml/heads/control';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  type AnyTask,
  adam,
  constantSchedule,
  createNetwork,
  defineTask,
  denseTrunk,
  evaluate,
  type Network,
  resume,
  type TrainOptions,
  train,
} from '../../../src/index.ts';
import { internals } from '../../../src/network/index.ts';
import { Catch } from '../../../tasks/catch/game.ts';
import { numbersTask } from '../../fixtures.ts';

const { actions, observationShape: shape } = new Catch();
const environment = () => new Catch();
const episodes = { validation: 8, test: 200 };
const stem = observationStem({ shape });

const byPolicy = (): AnyTask =>
  defineTask({
    name: 'catch',
    stem,
    head: actorCritic({ actions }),
    source: rollouts({ environment, task: 'catch', environments: 16, steps: 16, episodes, seed: 1 }),
  });
const byValues = (): AnyTask =>
  defineTask({
    name: 'catch',
    stem,
    head: qValues({ actions }),
    source: replay({
      environment,
      task: 'catch',
      capacity: 2000,
      warmUp: 200,
      decay: 2000,
      refresh: 20,
      episodes,
      seed: 1,
    }),
  });

const options: TrainOptions = {
  steps: 300,
  batch: 64,
  optimizer: adam({ learningRate: 3e-3 }),
  schedule: constantSchedule(),
  clip: 0.5,
  seed: 1,
};

const build = (...tasks: AnyTask[]): Promise<Network> =>
  createNetwork({ trunk: denseTrunk({ width: 32, depth: 1 }), tasks, seed: 1 });
const weights = (network: Network) =>
  internals(network)
    .body.store.all()
    .map(({ tensor }) => Float32Array.from(tensor.dataSync()));

describe.each([
  ['rollouts and actorCritic', byPolicy, 300],
  ['replay and qValues', byValues, 500],
] as const)('%s', (_, make, steps) => {
  it('teach a game, and measure it by whole episodes', async () => {
    const before = tf.memory().numTensors;
    const network = await build(make());
    const first = (await evaluate(network)).catch!;
    expect(first.length).toBe(7);
    // A third of all, by chance.
    expect(first.return).toBeLessThan(-0.1);
    expect(await evaluate(network)).toEqual({ catch: first });
    await lastValueFrom(train(network, { ...options, steps }));
    const last = (await evaluate(network)).catch!;
    expect(last.return).toBeGreaterThan(0.4);
    if ('entropy' in first) {
      expect(first.entropy).toBeCloseTo(Math.log(3), 3);
      expect(last.entropy).toBeLessThan(first.entropy!);
    }
    network.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('go on from a checkpoint to the same bits, evaluated in between or not, beside another task', async () => {
    const place = mkdtempSync(join(tmpdir(), 'banyan-control-'));
    const network = () => build(make(), numbersTask('numbers'));
    const run = async (folder: string, more: Partial<TrainOptions> = {}) => {
      const trained = await network();
      const checkpoint = { every: 7, folder: join(place, folder) };
      await lastValueFrom(train(trained, { ...options, steps: 45, checkpoint, ...more }).pipe(toArray()));
      return trained;
    };
    const whole = await run('whole');
    (await run('cut', { evaluateEvery: 5, stop: ({ step }) => step === 32 })).dispose();
    const again = await network();
    const checkpoint = { every: 7, folder: join(place, 'cut') };
    await lastValueFrom(resume(again, checkpoint.folder, { ...options, steps: 45, checkpoint }));
    expect(weights(again)).toEqual(weights(whole));
    whole.dispose();
    again.dispose();
  });
});

describe.each([byPolicy, byValues])('a source that has taught a network', (make) => {
  it('begins anew with another, and tells of other options than its state was saved with', async () => {
    const task = make();
    const trained = async () => {
      const network = await build(task);
      await lastValueFrom(train(network, { ...options, steps: 25 }));
      const all = weights(network);
      network.dispose();
      return all;
    };
    expect(await trained()).toEqual(await trained());
    const { source } = task;
    const saved = source.state!() as { madeWith: object };
    expect(() => source.restore!({ ...saved, madeWith: { ...saved.madeWith, environments: 3 } })).toThrow(
      'The source of task "catch" was made with {"task":"catch","environments":3,',
    );
  });
});

describe('snapshots of weights', () => {
  it('predict as the network did when they were taken, in a graph and eagerly', async () => {
    for (const compile of ['graph', 'eager'] as const) {
      const before = tf.memory().numTensors;
      const inputs = [[1, 1, 1, 1]];
      const seen: { now: number; before: number }[] = [];
      const source: Source<readonly number[], number> = {
        counts: { training: Number.POSITIVE_INFINITY, validation: 1, test: 0 },
        lockStep: true,
        read: async (split, indices, context) => {
          const number = async (options?: { weights: string }) =>
            ((await context.predict('game', inputs, options))[0] as Float32Array)[0]!;
          if (split === 'training') {
            if (context.step === 0) await expect(number({ weights: 'old' })).rejects.toThrow('no snapshot "old"');
            if (context.step % 3 === 0) await context.snapshot('old');
            seen.push({ now: await number(), before: await number({ weights: 'old' }) });
          } else {
            await expect(context.snapshot('old')).rejects.toThrow('while the network is measured');
            await expect(number({ weights: 'old' })).rejects.toThrow('while the network is measured');
          }
          return indices.map(() => ({ input: [1, 1, 1, 1], target: 5 }));
        },
      };
      const network = await build({ ...numbersTask('game'), source } as AnyTask);
      await lastValueFrom(train(network, { ...options, steps: 6, batch: 4, compile }));
      await evaluate(network, { compile });
      expect(new Set(seen.map(({ now }) => now)).size).toBe(6);
      expect(seen.map(({ before }) => before)).toEqual([0, 0, 0, 3, 3, 3].map((i) => seen[i]!.now));
      network.dispose();
      expect(tf.memory().numTensors).toBe(before);
    }
  });
});

describe('sources that play', () => {
  it('refuse a reward that is no number, and a head of another kind', async () => {
    class Broken extends Catch {
      override step(action: number): number {
        super.step(action);
        return Number.NaN;
      }
    }
    const broken = { ...byPolicy(), source: rollouts({ environment: () => new Broken(), task: 'catch' }) } as AnyTask;
    const network = await build(broken);
    await expect(lastValueFrom(train(network, options))).rejects.toThrow(
      'The environment of task "catch" gave the reward NaN, expected a finite number. Correct its step().',
    );
    network.dispose();
    const mixed = await build({ ...byPolicy(), source: byValues().source } as AnyTask);
    await expect(lastValueFrom(train(mixed, options))).rejects.toThrow(
      'The head of task "catch" gave none of the numbers that are needed to choose from 3 actions. Expected the head qValues',
    );
    mixed.dispose();
  });

  it('refuse counts that are none', () => {
    expect(() => rollouts({ environment, task: 'catch', steps: 0 })).toThrow(
      'rollouts: steps must be a whole number >= 1, received 0. Raise it to 1 or more.',
    );
    expect(() => replay({ environment, task: 'catch', refresh: 0 })).toThrow('replay: refresh must be');
    expect(() => replay({ environment, task: 'catch', capacity: 1000 })).toThrow(
      'replay: capacity must hold the warm-up of 1000 steps and one step more of each of 8 environments, received 1000.',
    );
  });
});
