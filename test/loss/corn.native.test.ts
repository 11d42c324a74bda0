import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { corn } from '../../src/loss/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { disagreement } from '../golden.ts';

beforeAll(async () => void (await startRuntime()));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const LOGITS = [
  [1.2, -0.4, 0.3],
  [-0.7, 0.9, -1.5],
  [0.1, 0.2, 2.5],
  [3.0, -2.0, 0.5],
];
const ranks = () => tf.tensor1d([0, 1, 3, 2], 'int32');

describe('corn', () => {
  // coral-pytorch 1.4.0, float64: 9 * corn_loss(logits, ranks, 4), which divides by the 9 questions that these ranks lead to, and
  // its gradient.
  it("is, over a batch, that of the paper's authors, and so is its gradient", () => {
    const logits = tf.tensor2d(LOGITS);
    expect(corn()(logits, ranks()).sum().dataSync()[0]).toBeCloseTo(8.278640001500111, 5);
    const gradient = tf
      .grad((x) => corn()(x, ranks()).sum())(logits)
      .dataSync();
    const expected = [
      [0.7685247834990176, 0, 0],
      [-0.668187772168166, 0.710949502625004, 0],
      [-0.47502081252106, -0.4501660026875221, -0.07585818002124356],
      [-0.04742587317756679, -0.8807970779778824, 0.6224593312018545],
    ];
    expect(disagreement(gradient, expected, 1e-5, 1e-6)).toBeLessThanOrEqual(1);
  });

  it('makes probabilities of the ranks, whose sum is 1', () => {
    for (const row of LOGITS) {
      const rows = tf.tensor2d([row, row, row, row]);
      const likelihood = corn()(rows, tf.range(0, 4, 1, 'int32'))
        .neg()
        .exp()
        .sum()
        .dataSync()[0];
      expect(likelihood).toBeCloseTo(1, 6);
    }
  });

  it('has no loss for what is no rank, and the others as they are', () => {
    const losses = corn()(tf.tensor2d(LOGITS), tf.tensor1d([-1, 1, 3, 4], 'int32')).dataSync();
    expect([losses[0], losses[3]]).toEqual([Number.NaN, Number.NaN]);
    expect([...losses.slice(1, 3)]).toEqual([...corn()(tf.tensor2d(LOGITS), ranks()).dataSync().slice(1, 3)]);
  });

  it('says what does not fit', () => {
    expect(() => corn()(tf.zeros([4]), ranks())).toThrow(
      'corn: expected logits of shape [batch, ranks - 1], received [4]. Give one number less than there are ranks for each sample.',
    );
  });
});
