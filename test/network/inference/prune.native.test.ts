import * as tf from '@tensorflow/tfjs';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  adam,
  constantSchedule,
  createNetwork,
  denseTrunk,
  evaluate,
  type Network,
  train,
} from '../../../src/index.ts';
import { internals } from '../../../src/network/index.ts';
import { inputs, numbersTask } from '../../fixtures.ts';

const trunk = denseTrunk({ width: 8, depth: 3 });
const learn = (network: Network, steps: number) =>
  lastValueFrom(
    train(network, {
      steps,
      batch: 32,
      seed: 1,
      optimizer: adam({ learningRate: 0.01 }),
      schedule: constantSchedule(),
    }),
  );

async function grown(laterals: 'nonlinear' | 'linear' = 'nonlinear'): Promise<Network> {
  const network: Network = await createNetwork({ trunk, tasks: [numbersTask('a')], seed: 1 });
  await learn(network, 40);
  for (const name of ['b', 'c']) {
    await network.addColumn({ tasks: [numbersTask(name, (x) => x[0]! - x[2]!)], laterals });
    await learn(network, 40);
  }
  return network;
}

describe('pruneLaterals', () => {
  it.each(['nonlinear', 'linear'] as const)('keeps the share that is asked for: %s', async (laterals) => {
    const network = await grown(laterals);
    const old = await network.predict(numbersTask('b'), inputs.slice(0, 4));
    const before = network.columns[2]!;
    expect(before.adapters).toHaveLength(4);
    const { curve, kept } = await network.pruneLaterals({ keep: 0.4 });
    // 32 channels in four adapters: two go whole, then three channels.
    expect(curve.map((point) => point.inputs)).toEqual([32, 24, 16, 13]);
    const { adapters, parameters } = network.columns[2]!;
    expect(adapters.reduce((sum, { channels }) => sum + channels, 0)).toBe(13);
    expect(kept).toMatchObject({ inputs: 13, parameters: parameters.lateral });
    expect(curve.at(-1)!.parameters).toBe(parameters.lateral);
    expect(curve[0]!.parameters).toBe(before.parameters.lateral);
    expect(parameters.own).toBe(before.parameters.own);
    // Rows of zeros and no rows are the same but for rounding.
    expect(kept.metrics.c!.loss).toBeCloseTo(curve.at(-1)!.metrics.c!.loss!, 5);
    expect((await evaluate(network, { split: 'validation', tasks: ['c'] })).c).toEqual(kept.metrics.c);
    expect(await network.predict(numbersTask('b'), inputs.slice(0, 4))).toEqual(old);
    // It goes on learning, with the optimiser's state of what stayed.
    await learn(network, 40);
    expect((await evaluate(network, { split: 'validation', tasks: ['c'] })).c!.loss).toBeLessThan(
      kept.metrics.c!.loss!,
    );
    network.dispose();
  });

  it('prunes as far as the metric allows', async () => {
    const network = await grown();
    const [before] = [(await evaluate(network, { split: 'validation' })).c!['absolute-error']!];
    const { curve, kept } = await network.pruneLaterals({ maxLoss: 0.002 });
    expect(kept.metrics.c!['absolute-error']! - before).toBeLessThanOrEqual(0.002 + 1e-5);
    expect(kept.inputs).toBe(
      Math.min(
        ...curve.filter(({ metrics }) => metrics.c!['absolute-error']! - before <= 0.002).map((point) => point.inputs),
      ),
    );
    const all = await network.pruneLaterals({ maxLoss: 1e6 });
    expect(all.kept).toMatchObject({ inputs: 0, parameters: 0 });
    expect(network.columns[2]).toMatchObject({ adapters: [], parameters: { lateral: 0 } });
    await expect(network.pruneLaterals({ keep: 0.5 })).rejects.toThrow('the last column has no lateral inputs');
    network.dispose();
  });

  it('removes what is not listened to first', async () => {
    const network: Network = await createNetwork({ trunk, tasks: [numbersTask('a')], seed: 2 });
    await network.addColumn({ tasks: [numbersTask('b')] });
    const kernel = internals(network)
      .body.store.all()
      .find(({ name }) => name === 'column-1/lateral-2/from-0/reduce/kernel')!.tensor;
    tf.tidy(() => {
      const heard = tf.tensor2d([[0], [1], [0], [1], [1], [0], [0], [0]]);
      kernel.assign(kernel.mul(heard));
      // Loud enough for its channels to count more than the other adapter's.
      kernel.assign(kernel.mul(20));
    });
    await network.pruneLaterals({ keep: 2 / 16 });
    const [, , inputs] = internals(network).body.columns[1]!.plan.inputs;
    expect(inputs).toHaveLength(1);
    for (const channel of inputs![0]!.channels!) expect([1, 3, 4]).toContain(channel);
    network.dispose();
  });

  it('refuses impossible options', async () => {
    const network = await grown();
    for (const options of [{}, { keep: 2 }, { maxLoss: -1 }, { keep: 0.5, maxLoss: 0.1 }])
      await expect(network.pruneLaterals(options)).rejects.toThrow('pruneLaterals: expected either keep');
    network.dispose();
  });
});
