import { describe, expect, it } from 'vitest';
import { accuracy, macroF1, meanAbsoluteError, rmse } from '../../../src/evaluate/index.ts';
import type { Metric } from '../../../src/task/contract.ts';
import { golden } from '../../golden.ts';

interface Case {
  readonly id: string;
  readonly inputs: { readonly y_true: number[]; readonly y_pred: number[]; readonly num_classes: number };
  readonly value: number;
}
const cases = new Map(golden<{ cases: Case[] }>('metrics').cases.map((example) => [example.id, example]));

describe('metrics', () => {
  const classes = (prediction: number) => ({ class: prediction });
  it.each([
    ['accuracy', accuracy(), classes],
    ['f1_macro', macroF1(4), classes],
    ['reg_rmse', rmse(), (prediction: number) => prediction],
  ] as [string, Metric, (prediction: number) => unknown][])('%s: the value of scikit-learn', (id, metric, wrap) => {
    const { inputs, value } = cases.get(id)!;
    expect(metric.result()).toBeNaN();
    for (let round = 0; round < 2; round++) {
      for (const [i, target] of inputs.y_true.entries()) metric.update(target, wrap(inputs.y_pred[i]!));
      expect(metric.result()).toBeCloseTo(value, 10);
      metric.reset();
    }
    expect(metric.result()).toBeNaN();
  });

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
