import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { stochasticDepth } from '../../src/layers/index.ts';
import { VariableStore } from '../../src/network/assembly/variables.ts';
import { RandomRoot } from '../../src/random/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { convTrunk, type Trunk, transformerTrunk, trunkFromConfig } from '../../src/trunk/index.ts';
import { golden } from '../golden.ts';
import { randomAt, TRAINING } from '../heads/augment/draws.ts';

beforeAll(async () => void (await startRuntime()));

interface Golden {
  readonly stochasticDepth: { readonly rate: number; readonly input: number[][]; readonly output: number[][] };
}

describe('stochasticDepth', () => {
  it('drops whole samples, and gives the others the numbers that torchvision gives', () => {
    const { rate, input, output } = golden<Golden>('augmentation').stochasticDepth;
    const kept = output.findIndex((row) => row.some((value) => value !== 0));
    tf.tidy(() => {
      const row = tf.tensor3d(input[kept]!, [1, 6, 5]);
      const many = row.tile([4000, 1, 1]) as tf.Tensor3D;
      const rows = stochasticDepth(many, rate, randomAt(1), TRAINING).reshape([4000, 30]).arraySync() as number[][];
      const seen = new Set(rows.map((numbers) => JSON.stringify(numbers)));
      expect(seen.size).toBe(2);
      const there = rows.filter((numbers) => numbers.some((value) => value !== 0));
      expect(there.length / 4000).toBeCloseTo(1 - rate, 1.2);
      expect(there[0]).toEqual(output[kept]!.map((value) => expect.closeTo(value, 5)));
      // The mean over many draws is what there is in inference.
      const mean = stochasticDepth(many, rate, randomAt(1), TRAINING)
        .mean(0)
        .sub(row.squeeze([0]));
      expect(mean.abs().max().dataSync()[0]).toBeLessThan(0.03);
      expect(stochasticDepth(many, rate, randomAt(1), { training: false })).toBe(many);
      expect(stochasticDepth(many, 0, randomAt(1), TRAINING)).toBe(many);
    });
  });
});

describe.each<[string, (stochasticDepth: number) => Trunk]>([
  ['transformerTrunk', (rate) => transformerTrunk({ width: 8, depth: 4, heads: 2, stochasticDepth: rate })],
  ['convTrunk', (rate) => convTrunk({ width: 8, depth: 4, stochasticDepth: rate })],
])('%s', (name, make) => {
  it('drops more of the later blocks, in proportion, and nothing in inference', () => {
    tf.tidy(() => {
      const tokens = tf.randomNormal([3000, 2, 8], 0, 1, 'float32', 1) as tf.Tensor3D;
      for (const index of [0, 1, 3]) {
        const store = new VariableStore(3);
        const root = new RandomRoot();
        const context = { width: 8, random: root.branch('block'), ...store.scope('block') };
        const block = make(0.8).block(context, index);
        const changed = (training: boolean) =>
          block
            .forward(tokens, { training })
            .sub(tokens)
            .abs()
            .max([1, 2])
            .greater(0)
            .cast('float32')
            .mean()
            .dataSync()[0]!;
        const rate = (0.8 * (index + 1)) / 4;
        // Attention and dense layers are dropped each by themselves.
        const unchanged = name === 'transformerTrunk' ? rate ** 2 : rate;
        expect(changed(true)).toBeCloseTo(1 - unchanged, 1.5);
        expect(changed(false)).toBe(1);
        store.dispose();
      }
    });
  });

  it('saves the rate, and says which one is wrong', () => {
    const trunk = make(0.2);
    expect(trunk.config).toMatchObject({ stochasticDepth: 0.2 });
    expect(trunkFromConfig(trunk.config)!.config).toEqual(trunk.config);
    expect(make(0).config).not.toHaveProperty('stochasticDepth');
    expect(() => make(1)).toThrow(`${name}: stochasticDepth must be a number >= 0 and < 1, received 1.`);
  });
});
