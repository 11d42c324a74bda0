import { describe, expect, it } from 'vitest';
import { macroF1, meanAbsoluteError } from '../../../src/evaluate/index.ts';

describe('metrics', () => {
  it('takes the mean absolute error, however far below or above', () => {
    const metric = meanAbsoluteError();
    expect(metric.result()).toBeNaN();
    for (const [target, prediction] of [
      [100, 97],
      [60, 61],
      [-2, 3],
    ] as const) {
      metric.update(target, prediction);
    }
    expect(metric.result()).toBe(3);
    metric.reset();
    expect(metric.result()).toBeNaN();
  });

  it('leaves a class that never occurs out of macro-F1', () => {
    const metric = macroF1(5);
    metric.update(0, { class: 0 });
    metric.update(1, { class: 2 });
    expect(metric.result()).toBeCloseTo(1 / 3, 12);
  });

  it('says which class is wrong', () => {
    expect(() => macroF1(2).update(2, { class: 0 })).toThrow(
      'macroF1: expected a class from 0 to 1, received 2. Give macroF1 the right number of classes, or correct the labels.',
    );
  });
});
