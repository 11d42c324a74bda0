// Episodes that a time limit cuts.

import { join } from 'node:path';
import { actorCritic, observationStem, qValues, replay, rollouts } from 'banyan-ml/heads/control';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  type AnyTask,
  adam,
  constantSchedule,
  createNetwork,
  defineTask,
  denseTrunk,
  resume,
  type TrainOptions,
  train,
} from '../../../src/index.ts';
import { internals } from '../../../src/network/index.ts';
import { temporaryFolder } from '../../repository.ts';
import { Endless } from './endless.ts';

const folder = temporaryFolder();
const actions = ['a', 'b'];
const stem = observationStem({ shape: [1] });
const common = { environment: () => new Endless(), task: 'game', environments: 8, gamma: 0.9 };

const byPolicy = (algorithm: 'ppo' | 'a2c'): AnyTask =>
  defineTask({
    name: 'game',
    stem,
    head: actorCritic({ actions, algorithm, entropyBonus: 0, valueCost: 1 }),
    source: rollouts({ ...common, steps: 20, epochs: 1 }),
  });
const byValues = (): AnyTask =>
  defineTask({
    name: 'game',
    stem,
    head: qValues({ actions }),
    source: replay({ ...common, capacity: 2000, warmUp: 80, decay: 500, refresh: 20 }),
  });
const build = (task: AnyTask) => createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks: [task], seed: 1 });
const options: TrainOptions = {
  steps: 900,
  batch: 32,
  optimizer: adam({ learningRate: 0.03 }),
  schedule: constantSchedule(),
};

describe.each([
  ['PPO', () => byPolicy('ppo')],
  ['the advantage actor-critic', () => byPolicy('a2c')],
  ['double Q-learning', byValues],
] as const)('%s', (name, make) => {
  it('takes what is cut for worth what would have followed', async () => {
    const network = await build(make());
    await lastValueFrom(train(network, options));
    const [said] = await network.predict('game', [Float32Array.of(1)]);
    const { value, values } = said as { value?: number; values?: Float32Array };
    const worth = value ?? Math.max(...values!);
    // Their mean return until the cut is 4.1, and they would be taken for worth that.
    expect(worth).toBeCloseTo(10, 0);
    network.dispose();
  });

  it('goes on to the same bits where it was interrupted', async () => {
    const steps = 40;
    const weightsOf = (network: Awaited<ReturnType<typeof build>>) =>
      internals(network)
        .body.store.all()
        .map(({ tensor }) => [...tensor.dataSync()]);
    const whole = await build(make());
    await lastValueFrom(train(whole, { ...options, steps }));
    const cut = await build(make());
    const checkpoint = { every: 1000, folder: join(folder, name) };
    await lastValueFrom(train(cut, { ...options, steps, checkpoint, stop: ({ step }) => step === 23 }));
    const again = await build(make());
    await lastValueFrom(resume(again, checkpoint.folder, { ...options, steps, checkpoint }));
    expect(weightsOf(again)).toEqual(weightsOf(whole));
    for (const network of [whole, cut, again]) network.dispose();
  });
});
