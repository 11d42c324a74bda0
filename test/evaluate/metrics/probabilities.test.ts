import { describe, expect, it } from 'vitest';
import {
  auroc,
  averagePrecision,
  calibrationError,
  logLoss,
  perplexity,
  topKAccuracy,
} from '../../../src/evaluate/index.ts';
import type { Metric } from '../../../src/task/contract.ts';

function measured(metric: Metric, targets: readonly unknown[], probabilities: readonly unknown[]): number {
  metric.reset();
  for (const [i, target] of targets.entries()) metric.update(target, { probabilities: probabilities[i] });
  return metric.result();
}

// scikit-learn 1.9.1: roc_auc_score and average_precision_score of each column.
describe('auroc and averagePrecision', () => {
  const truth = [
    [1, 0, 0],
    [0, 1, 0],
    [1, 1, 0],
    [0, 0, 0],
  ];
  const odds = [
    [0.9, 0.2, 0.1],
    [0.6, 0.7, 0.3],
    [0.4, 0.8, 0.2],
    [0.5, 0.1, 0.05],
  ];

  it('are the mean over those tags that some example has', () => {
    expect(measured(auroc(), truth, odds)).toBeCloseTo((0.5 + 1) / 2, 12);
    expect(measured(averagePrecision(), truth, odds)).toBeCloseTo((0.75 + 1) / 2, 12);
    const unknown = [[1, Number.NaN, 0], ...truth.slice(1)];
    expect(measured(auroc(), unknown, odds)).toBeCloseTo((0.5 + 1) / 2, 12);
  });

  it('are not defined by one class alone, but the precision of all', () => {
    const alike = [
      [0.8, 0.2],
      [0.7, 0.3],
    ];
    expect(measured(auroc(), [1, 1], alike)).toBeNaN();
    expect(measured(averagePrecision(), [0, 0], alike)).toBeNaN();
    expect(measured(averagePrecision(), [1, 1], alike)).toBe(1);
  });

  it('take equal probabilities for one threshold, in any order', () => {
    const half = [0.5, 0.5];
    for (const targets of [
      [0, 1, 1, 0],
      [1, 1, 0, 0],
    ]) {
      expect(measured(auroc(), targets, [half, half, half, half])).toBe(0.5);
      expect(measured(averagePrecision(), targets, [half, half, half, half])).toBe(0.5);
    }
  });
});

describe('topKAccuracy', () => {
  const odds = [
    [0.5, 0.2, 0.3],
    [0.3, 0.3, 0.4],
    [0.2, 0.5, 0.3],
    [0.6, 0.3, 0.1],
  ];

  // scikit-learn 1.9.1, which takes the last of equals: top_k_accuracy_score = 0.75; here the first is the likelier one.
  it('counts the first of classes that are equally likely', () => {
    expect(measured(topKAccuracy(2), [0, 0, 2, 2], odds)).toBe(0.75);
    expect(measured(topKAccuracy(2), [0, 1, 2, 2], odds)).toBe(0.5);
    expect(measured(topKAccuracy(3), [0, 1, 2, 2], odds)).toBe(1);
    expect(measured(topKAccuracy(9), [0, 1, 2, 2], odds)).toBe(1);
    expect(topKAccuracy(9).name).toBe('top-9-accuracy');
  });

  it('says what is wrong', () => {
    expect(() => topKAccuracy(0)).toThrow(
      'topKAccuracy: k must be a whole number >= 1, received 0. Raise it to 1 or more.',
    );
    expect(() => topKAccuracy(1).update(3, { probabilities: odds[0]! })).toThrow(
      'top-k-accuracy was given 3, expected a class from 0 to 2 as target. Use it for a classifier.',
    );
  });
});

describe('logLoss', () => {
  // scikit-learn 1.9.1: log_loss([0, 1], probabilities, labels=[0, 1]), float32 and float64.
  it('is finite where what is true had no probability', () => {
    const odds = [
      [0, 1],
      [0.25, 0.75],
    ];
    expect(
      measured(
        logLoss(),
        [0, 1],
        odds.map((row) => Float32Array.from(row)),
      ),
    ).toBeCloseTo(8.115033149719238, 6);
    expect(measured(logLoss(), [0, 1], odds)).toBeCloseTo(18.165667730784467, 10);
    expect(measured(logLoss(), [0], [[1, 0]])).toBeCloseTo(2.220446049250313e-16, 20);
  });

  it('is, of tags, over all that are known', () => {
    const expected = -(Math.log(0.9) + Math.log(0.8) + Math.log(0.3)) / 3;
    const targets = [
      [1, 0],
      [Number.NaN, 1],
    ];
    const odds = [
      [0.9, 0.2],
      [0.5, 0.3],
    ];
    expect(measured(logLoss(), targets, odds)).toBeCloseTo(expected, 12);
  });
});

describe('calibrationError', () => {
  // torchmetrics 1.9.0 (in float32): MulticlassCalibrationError(2, n_bins=…).
  it('compares the likeliest class with how often it is true, bin by bin', () => {
    const odds = [
      [0.5, 0.5],
      [0.9, 0.1],
      [0.3, 0.7],
      [1, 0],
      [0.2, 0.8],
    ];
    expect(measured(calibrationError(), [0, 0, 0, 0, 1], odds)).toBeCloseTo(0.3, 6);
    expect(measured(calibrationError({ bins: 3 }), [0, 0, 0, 0, 1], odds)).toBeCloseTo(0.18, 6);
    expect(measured(calibrationError({ bins: 1 }), [0], [[1, 0]])).toBe(0);
  });

  it('puts a confidence at the edge of a bin into the lower one, however it is rounded', () => {
    // 0.7 * 10 is 7.000000000000001: with 0.65 in one bin, the gaps of both add up before they are taken absolute.
    const odds = [
      [0.7, 0.3],
      [0.65, 0.35],
    ];
    expect(measured(calibrationError({ bins: 10 }), [0, 1], odds)).toBeCloseTo(Math.abs(0.3 - 0.65) / 2, 12);
  });
});

describe('perplexity', () => {
  it('is the number of equally likely symbols, and infinite for what could not be', () => {
    const even = [0.25, 0.25, 0.25, 0.25];
    expect(measured(perplexity(), [2], [even])).toBeCloseTo(4, 12);
    expect(measured(perplexity(), [[1, -1, 3]], [[even, [1, 0, 0, 0], even]])).toBeCloseTo(4, 12);
    expect(measured(perplexity(), [1], [[1, 0]])).toBe(Number.POSITIVE_INFINITY);
    expect(measured(perplexity(), [[-1]], [[even]])).toBeNaN();
  });

  it('refuses a text that was written, and another number of places', () => {
    expect(() => perplexity().update([1, 2], { text: 'a b' } as never)).toThrow(
      'perplexity was given {"text":"a b"}, expected probabilities for each place of the target. Use it for a head that tells how sure it is at each place.',
    );
    expect(() => perplexity().update([1, 2], { probabilities: [[0.5, 0.5]] })).toThrow(
      'expected probabilities for each',
    );
  });
});

it.each([auroc, averagePrecision, logLoss, calibrationError, () => topKAccuracy(1)])(
  'a metric of probabilities refuses a prediction without them',
  (make) => {
    expect(() => (make() as Metric).update(1, { class: 1 })).toThrow(
      /was given \{"class":1\}, expected a prediction with `probabilities`, each from 0 to 1\. Use it for a head that tells how sure it is, such as `classifier`\.$/,
    );
    expect(() => (make() as Metric).update(1, { probabilities: [0.5, Number.NaN] })).toThrow('expected a prediction');
    expect(() => (make() as Metric).update('1', { probabilities: [0.5, 0.5] })).toThrow();
  },
);
