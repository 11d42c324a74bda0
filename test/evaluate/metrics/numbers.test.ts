import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanAbsoluteError, pearson, rmse, rSquared, spearman } from '../../../src/evaluate/index.ts';
import type { Metric } from '../../../src/task/contract.ts';

function measured(metric: Metric, targets: readonly unknown[], predictions: readonly unknown[]): number {
  metric.reset();
  for (const [i, target] of targets.entries()) metric.update(target, predictions[i]);
  return metric.result();
}

describe('rSquared', () => {
  // scikit-learn 1.9.1: r2_score.
  it('has a value where all targets are equal, and none for a single one', () => {
    expect(measured(rSquared(), [2, 2], [2, 2])).toBe(1);
    expect(measured(rSquared(), [2, 2], [1, 2])).toBe(0);
    expect(measured(rSquared(), [1], [1])).toBeNaN();
    expect(measured(rSquared(), [1, 2, 3], [3, 2, 1])).toBe(-3);
  });

  it('is the mean of that of each number, which may have units of their own', () => {
    const targets = [
      [1, 100],
      [2, 300],
      [3, 200],
    ];
    const predictions = [
      [1, 120],
      [2.5, 260],
      [2, 210],
    ];
    // r2_score(targets, predictions)
    expect(measured(rSquared(), targets, predictions)).toBeCloseTo(0.635, 12);
    const part = [
      [1, 100],
      [Number.NaN, 300],
      [3, 200],
      [2, Number.NaN],
    ];
    const others = [predictions[0], [99, 260], predictions[2], [2.5, 99]];
    expect(measured(rSquared(), part, others)).toBeCloseTo(0.635, 12);
  });
});

describe('far from 0', () => {
  // scikit-learn 1.9.1 and scipy: r2_score(y, p), pearsonr(y - 1e8, p - 1e8).
  const [y, p] = [[1, 2, 3, 5].map((x) => 1e8 + x), [1.5, 2, 3.5, 4].map((x) => 1e8 + x)];
  it('loses nothing to rounding', () => {
    expect(measured(rSquared(), y!, p!)).toBeCloseTo(0.8285714285714285, 6);
    expect(measured(pearson(), y!, p!)).toBeCloseTo(0.9429080709444062, 6);
  });
});

describe('pearson and spearman', () => {
  // scipy: spearmanr([1, 2, 2, 3, 5], [2, 2, 4, 1, 9]).
  it('give equal numbers the mean of their ranks', () => {
    expect(measured(spearman(), [1, 2, 2, 3, 5], [2, 2, 4, 1, 9])).toBeCloseTo(0.2894736842105264, 12);
  });

  it('are not defined for what does not vary', () => {
    for (const make of [pearson, spearman]) {
      expect(measured(make(), [1, 1, 1], [1, 2, 3])).toBeNaN();
      expect(measured(make(), [1, 2, 3], [1, 1, 1])).toBeNaN();
      expect(measured(make(), [1], [1])).toBeNaN();
    }
  });

  const numbers = fc.array(fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -20, max: 20 })), {
    minLength: 3,
    maxLength: 30,
  });

  it('lie between -1 and 1, and change sign with the predictions', () => {
    fc.assert(
      fc.property(numbers, (pairs) => {
        const [targets, predictions] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
        fc.pre(new Set(targets).size > 1 && new Set(predictions).size > 1);
        for (const make of [pearson, spearman]) {
          const value = measured(make(), targets, predictions);
          expect(Math.abs(value)).toBeLessThanOrEqual(1);
          const turned = predictions.map((x) => -x);
          expect(measured(make(), targets, turned)).toBeCloseTo(-value, 10);
          const scaled = predictions.map((x) => 3 * x + 7);
          expect(measured(make(), targets, scaled)).toBeCloseTo(value, 10);
        }
        // Ranks see no more than the order.
        const cubed = predictions.map((x) => x ** 3);
        expect(measured(spearman(), targets, cubed)).toBeCloseTo(measured(spearman(), targets, predictions), 10);
      }),
    );
  });
});

it.each([meanAbsoluteError, rmse, rSquared, pearson, spearman])(
  'takes what a regressor predicts, and refuses what is no number',
  (make) => {
    const plain = measured(make(), [1, 2, 4], [1, 3, 3]);
    const records = [1, 3, 3].map((value) => ({ value, deviation: 1 }));
    expect(measured(make(), [1, 2, 4], records)).toBe(plain);
    expect(() => make().update(1, { class: 1 } as never)).toThrow(
      /^\S+ was given \{"class":1\}, expected a number, or a list of numbers\. Use it for a head that predicts numbers\.$/,
    );
    expect(() => make().update([1, 2], [1])).toThrow(
      /was given "1 for a target of 2", expected as many numbers as the target has\. Use it for a head that predicts the whole target\.$/,
    );
  },
);
