import * as tf from '@tensorflow/tfjs';
import { createNetwork, defineTask, denseTrunk, evaluate, startRuntime, train } from 'banyan-ml';
import { generatedSource } from 'banyan-ml/data';
import { numbersStem, type RegressorOptions, regressor } from 'banyan-ml/heads/table';
import { runHeadContract } from 'banyan-ml/testing';
import { lastValueFrom } from 'rxjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freeContexts, freshContext } from './fresh-context.ts';

const scale = () => ({ mean: 20, deviation: 4 });
const scales = () => ({ mean: [20, -3], deviation: [4, 0.5] });
const losses = ['squared', 'absolute', 'huber', 'gaussian'] as const;

beforeAll(async () => {
  await startRuntime();
});
afterEach(freeContexts);

describe('regressor', () => {
  it('keeps the contract of a head, of one number and of several', async () => {
    for (const loss of losses) await runHeadContract(regressor({ scale, loss }), { targets: [18, 20.5, 31] });
    await runHeadContract(regressor(), { targets: [0.5, 1] });
    for (const loss of losses) {
      const targets = [[18, -3], [20.5, Number.NaN], Float32Array.of(31, -2.4)];
      await runHeadContract(regressor({ outputs: ['heating', 'cooling'], scale: scales, loss }), { targets });
    }
    await runHeadContract(regressor({ outputs: 2, scale: scales, pool: 'mean' }), {
      targets: [
        [18, -3],
        [20.5, -2],
      ],
    });
  });

  /** The loss of one sample whose output and target, in the target's units, are so many deviations apart. */
  const lossOf = (options: RegressorOptions, output: readonly number[], target: number) => {
    const head = regressor(options)(freshContext());
    const prepared = head.target!.prepare!(target) as number;
    return tf.tidy(() => head.loss(tf.tensor2d([[...output]]), tf.tensor1d([prepared])).dataSync()[0]);
  };

  it('learns in units of the deviation from the mean, by each loss', () => {
    // (26 - 20) / 4 = 1.5 against 3.5: 2 apart.
    expect(lossOf({ scale }, [3.5], 26)).toBeCloseTo(4, 6);
    expect(lossOf({ scale, loss: 'absolute' }, [3.5], 26)).toBeCloseTo(2, 6);
    expect(lossOf({ scale, loss: 'huber' }, [3.5], 26)).toBeCloseTo(1.5, 6);
    expect(lossOf({ scale, loss: { kind: 'huber', delta: 0.5 } }, [3.5], 26)).toBeCloseTo(0.5 * (2 - 0.25), 6);
    expect(lossOf({ scale, loss: 'huber' }, [1.75], 26)).toBeCloseTo(0.25 ** 2 / 2, 6);
    // Of variance 4: (ln 4 + 2² / 4) / 2.
    expect(lossOf({ scale, loss: 'gaussian' }, [3.5, Math.log(4)], 26)).toBeCloseTo((Math.log(4) + 1) / 2, 6);
    expect(lossOf({}, [3.5], 1.5)).toBeCloseTo(4, 6);
  });

  it('scales back what it predicts', () => {
    const one = regressor({ scale, loss: 'gaussian' })(freshContext());
    const { value, deviation } = one.decode(Float32Array.of(1.5, Math.log(4)));
    expect([value, deviation]).toEqual([26, expect.closeTo(8, 5)]);
    expect(one.explain!({ value, deviation: 8 }, 25)).toEqual({ predicted: '26 ± 8', expected: '25' });
    const two = regressor({ outputs: ['heating', 'cooling'], scale: scales })(freshContext());
    const estimates = two.decode(Float32Array.of(1.5, -2));
    expect([...estimates.values]).toEqual([26, -4]);
    expect(estimates.deviations).toBeUndefined();
    expect(two.explain!(estimates, [25, -3.123456])).toEqual({
      predicted: 'heating 26, cooling -4',
      expected: 'heating 25, cooling -3.123',
    });
    const constant = regressor({ scale: () => ({ mean: 7, deviation: 0 }) })(freshContext());
    expect(constant.decode(Float32Array.of(0))).toEqual({ value: 7 });
    expect(constant.target!.prepare!(7)).toBe(0);
  });

  it('tells no spread below a thousandth of the deviation, since its loss reckons with none', () => {
    const head = regressor({ scale, loss: 'gaussian' })(freshContext());
    expect(head.decode(Float32Array.of(0, -100)).deviation).toBeCloseTo(0.004, 6);
  });

  it('measures numbers with names for themselves, without those that are missing', () => {
    const head = regressor({ outputs: ['heating', 'cooling'], scale: scales })(freshContext());
    const predict = (...values: number[]) => ({ values: Float32Array.from(values) });
    for (const metric of head.metrics) {
      metric.update([20, -3], predict(23, -3));
      metric.update([Number.NaN, -3], predict(99, -2));
      metric.update([20, -3], predict(24, -3));
    }
    expect(head.metrics.map(({ name }) => name)).toEqual(['rmse-heating', 'rmse-cooling']);
    expect(head.metrics.map((metric) => metric.result())).toEqual([Math.sqrt(12.5), Math.sqrt(1 / 3)]);
  });

  it('says which option or target is wrong', () => {
    expect(() => regressor({ loss: 'cubed' as never })).toThrow(
      'regressor: loss must be one of "squared", "absolute", "huber", "gaussian", received "cubed".',
    );
    expect(() => regressor({ outputs: 0 })).toThrow('regressor: outputs must be a whole number >= 1, received 0.');
    expect(() => regressor({ outputs: ['a', 'a'] })).toThrow(
      'regressor: expected each name of an output once, received "a" twice. Rename one of them.',
    );
    expect(() => regressor({ outputs: 2, scale })(freshContext())).toThrow(
      "regressor: scale must have a finite mean and deviation >= 0 for each of 2 outputs, received mean [20] and deviation [4]. Give those of the training split's targets.",
    );
    const one = regressor({ scale })(freshContext());
    expect(() => one.target!.prepare!('12' as never)).toThrow(
      'Task "contract": expected a finite number, or NaN for a missing label, received "12". Correct the source\'s targets.',
    );
    const two = regressor({ outputs: ['heating', 'cooling'], scale: scales })(freshContext());
    expect(() => two.target!.prepare!([1, Number.POSITIVE_INFINITY])).toThrow(
      'Task "contract": expected a finite number as cooling, or NaN where it is missing, received Infinity. Correct the source\'s targets.',
    );
    expect(() => two.target!.prepare!([1])).toThrow(
      'Task "contract": expected a list of 2 numbers as target, received 1 of them. Give NaN for a number that is missing, or correct the regressor\'s "outputs".',
    );
    expect(() => two.target!.prepare!(1 as never)).toThrow('received 1. Give NaN');
  });

  it('learns numbers and how far off they are, from a table with holes', async () => {
    // y = 100 + 30 x, off by 3 where the second number says so, else by 15; x is missing now and then.
    const task = defineTask({
      name: 'price',
      stem: numbersStem({ columns: ['x', 'sure'], scaling: 'none' }),
      head: regressor({ scale: () => ({ mean: 100, deviation: 30 }), loss: 'gaussian' }),
      source: generatedSource<readonly (number | undefined)[], number>({
        name: 'prices',
        make: (random) => {
          const [x, sure] = [random.normal(), random.integer(2)];
          const hole = random.uniform() < 0.1;
          return {
            input: [hole ? undefined : x, sure],
            target: 100 + (hole ? 0 : 30 * x) + (sure === 1 ? 3 : 15) * random.normal(),
          };
        },
        counts: { training: Number.POSITIVE_INFINITY, validation: 400, test: 0 },
      }),
    });
    const network = await createNetwork({ trunk: denseTrunk({ width: 32, depth: 1 }), tasks: [task], seed: 1 });
    await lastValueFrom(train(network, { steps: 400, batch: 64, seed: 1 }));
    const [sure, unsure] = await network.predict(task, [
      [1, 1],
      [-1, 0],
    ]);
    const { rmse } = (await evaluate(network)).price!;
    network.dispose();
    expect(Math.abs(sure!.value - 130)).toBeLessThan(4);
    expect(Math.abs(unsure!.value - 70)).toBeLessThan(6);
    expect(sure!.deviation).toBeGreaterThan(2);
    expect(sure!.deviation).toBeLessThan(5);
    expect(unsure!.deviation).toBeGreaterThan(10);
    expect(unsure!.deviation).toBeLessThan(20);
    // The root of the mean of 9 and 225.
    expect(rmse).toBeLessThan(12.5);
  });
});
