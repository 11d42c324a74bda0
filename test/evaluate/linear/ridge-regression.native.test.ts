import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Design, denseDesign, sparseDesign } from '../../../src/evaluate/linear/design.ts';
import { scoresOf } from '../../../src/evaluate/linear/linear-model.ts';
import { ridge, ridgeRegression } from '../../../src/evaluate/linear/ridge-regression.ts';
import { startRuntime } from '../../../src/index.ts';
import { RandomStream } from '../../../src/random/index.ts';

const rows = Array.from({ length: 24 }, (_, i) => [((i * 7) % 11) / 5 - 1, ((i * i) % 13) / 6 - 1] as const);
const targets = {
  outputs: 2,
  values: Float64Array.from(rows.flatMap(([a, b], i) => [((i * 5) % 7) - 3 + 2 * a, 10 * b - ((i * 3) % 5)])),
};

beforeAll(() => startRuntime());

function designs(): Record<string, Design> {
  return {
    dense: denseDesign(tf.tensor2d(rows.map((row) => [...row]))),
    sparse: sparseDesign(
      rows.map((row) => ({ columns: Int32Array.of(0, 1), values: Float32Array.from(row) })),
      2,
    ),
  };
}

describe('ridge regression', () => {
  it.each([
    [0.01, [1.016153, -0.247824, -0.132616, 9.398182], [-0.059816, -1.976941]],
    [1, [0.306689, -0.23287, -0.06252, 3.219383], [-0.08096, -1.676208]],
  ])('finds what Ridge(alpha=%d*24) of scikit-learn 1.9 finds, dense and sparse', (strength, kernel, bias) => {
    tf.tidy(() => {
      for (const design of Object.values(designs())) {
        const model = ridge(design, targets, strength);
        for (const [i, weight] of kernel.entries()) expect(model.kernel[i]).toBeCloseTo(weight, 4);
        for (const [i, value] of bias.entries()) expect(model.bias[i]).toBeCloseTo(value, 4);
      }
    });
  });

  it('finds a line in targets of any size, and leaves out numbers that are missing', () => {
    const random = new RandomStream(1, 'line');
    const xs = Array.from({ length: 200 }, () => random.normal());
    const values = Float64Array.from(xs.flatMap((x, i) => [1e6 + 5e4 * x, i % 3 === 0 ? Number.NaN : 1e-3 * x]));
    tf.tidy(() => {
      const design = denseDesign(tf.tensor2d(xs, [200, 1]));
      const model = ridgeRegression(design, { values, outputs: 2 });
      expect(model.kernel[0]! / 5e4).toBeCloseTo(1, 3);
      expect(model.kernel[1]! / 1e-3).toBeCloseTo(1, 2);
      const predicted = scoresOf(design, model);
      for (const [i, x] of xs.entries()) expect(predicted[2 * i]! / (1e6 + 5e4 * x)).toBeCloseTo(1, 4);
    });
  });

  it('says the mean where a penalty is chosen for noise, and of numbers that are all alike that number', () => {
    const random = new RandomStream(2, 'noise');
    const numbers = () => Array.from({ length: 300 }, () => random.normal());
    tf.tidy(() => {
      const design = denseDesign(tf.tensor2d(numbers(), [300, 1]));
      const noise = ridgeRegression(design, { values: Float64Array.from(numbers()), outputs: 1 });
      expect(Math.abs(noise.kernel[0]!)).toBeLessThan(0.1);
      const constant = ridgeRegression(design, { values: new Float64Array(300).fill(7), outputs: 1 });
      expect([constant.kernel[0], constant.bias[0]]).toEqual([0, 7]);
    });
  });
});
