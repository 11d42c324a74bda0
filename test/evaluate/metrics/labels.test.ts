import { describe, expect, it } from 'vitest';
import { accuracy, f1, matthews, meanIou, precision, recall } from '../../../src/evaluate/index.ts';
import type { Metric } from '../../../src/task/contract.ts';

const ofClasses = (metric: Metric, targets: readonly number[], predictions: readonly number[]) => {
  metric.reset();
  for (const [i, target] of targets.entries()) metric.update(target, { class: predictions[i]! });
  return metric.result();
};

/** Class 2 is never predicted, class 4 never true, class 3 neither. */
const TARGETS = [0, 1, 1, 2, 0, 1];
const PREDICTIONS = [0, 1, 4, 1, 0, 0];
const [TWO, OTHER_TWO] = [
  [0, 1, 1, 0, 1, 0],
  [0, 1, 0, 1, 1, 1],
];

// scikit-learn 1.9.1: precision_score(targets, predictions, average=…, zero_division=0), recall_score, f1_score.
describe('precision, recall and F1, where a class is absent', () => {
  it.each([
    ['macro', [0.29166666666666663, 0.3333333333333333, 0.3]],
    ['micro', [0.5, 0.5, 0.5]],
    ['weighted', [0.47222222222222215, 0.5, 0.4666666666666667]],
  ] as const)('%s', (average, expected) => {
    for (const [i, make] of [precision, recall, f1].entries())
      expect(ofClasses(make({ average }), TARGETS, PREDICTIONS)).toBeCloseTo(expected[i]!, 12);
  });

  it('of one class', () => {
    const binary = (positive?: number) =>
      [precision, recall, f1].map((make) =>
        ofClasses(make({ average: 'binary', ...(positive === undefined ? {} : { positive }) }), TWO!, OTHER_TWO!),
      );
    for (const [received, expected] of [
      [binary(), [0.5, 2 / 3, 4 / 7]],
      [binary(0), [0.5, 1 / 3, 0.4]],
    ] as const)
      for (const [i, value] of expected.entries()) expect(received[i]).toBeCloseTo(value, 12);
    // Neither true nor predicted.
    expect([precision, recall, f1].map((make) => ofClasses(make({ average: 'binary' }), [0, 0], [0, 0]))).toEqual([
      0, 0, 0,
    ]);
  });

  it('names what it is the average of', () => {
    const options = [{}, { average: 'micro' }, { average: 'binary' }, { average: 'binary', positive: 3 }] as const;
    expect(options.map((option) => f1(option).name)).toEqual(['f1', 'f1-micro', 'f1-binary', 'f1-binary-3']);
    expect(() => f1({ average: 'samples' as never })).toThrow(
      'f1: average must be one of "macro", "micro", "weighted", "binary", received "samples". Choose one of them.',
    );
  });
});

// scikit-learn 1.9.1, with the decisions (P >= 0.5): the same functions; the third tag is never true and never predicted.
describe('precision, recall and F1 of tags', () => {
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

  it.each([
    ['macro', [0.4444444444444444, 0.5, 0.4666666666666666]],
    ['micro', [0.6, 0.75, 0.6666666666666666]],
    ['weighted', [0.6666666666666666, 0.75, 0.7]],
  ] as const)('%s', (average, expected) => {
    for (const [i, make] of [precision, recall, f1].entries()) {
      const metric = make({ average });
      for (const [j, target] of truth.entries()) metric.update(target, { probabilities: odds[j]! });
      expect(metric.result()).toBeCloseTo(expected[i]!, 12);
    }
  });

  it('are the same by the names of tags, as far as a tag occurs', () => {
    const names = ['red', 'green', 'blue'];
    const namesOf = (row: readonly number[]) => names.filter((_, i) => row[i]! >= 0.5);
    for (const [average, expected] of [
      ['macro', [(3 / 2) * 0.4444444444444444, 0.75, 0.7]],
      ['micro', [0.6, 0.75, 0.6666666666666666]],
      ['weighted', [0.6666666666666666, 0.75, 0.7]],
    ] as const) {
      for (const [i, make] of [precision, recall, f1].entries()) {
        const metric = make({ average });
        for (const [j, target] of truth.entries()) metric.update(namesOf(target), { tags: namesOf(odds[j]!) });
        // Blue occurs nowhere, so that the mean is over two.
        expect(metric.result()).toBeCloseTo(expected[i]!, 12);
      }
    }
    const binary = f1({ average: 'binary' });
    binary.update(['red'], { tags: ['red'] });
    expect(() => binary.result()).toThrow(
      'f1 was given "red", expected the number of a label, since 1 is to be looked at. Use it for a head whose labels are numbers, or take another average.',
    );
  });

  it('leave out a tag that is not known', () => {
    const metric = precision({ average: 'micro' });
    metric.update([1, Number.NaN], { probabilities: [0.9, 0.9] });
    expect(metric.result()).toBe(1);
    expect(() => metric.update([1, 2], { probabilities: [0.9, 0.9] })).toThrow(
      'precision was given 2, expected 1 for a tag that is there, 0 for one that is not. Use it for a head of tags.',
    );
    expect(() => metric.update([1], { probabilities: [0.9, 0.9] })).toThrow(
      'precision was given "2 probabilities for a target of 1", expected one for each tag. Use it for a head whose target has 1 or 0 for each tag.',
    );
  });
});

describe('matthews', () => {
  // scikit-learn 1.9.1: matthews_corrcoef.
  it('is 0 where all is one class, and what guessing gives', () => {
    expect(ofClasses(matthews(), [1, 1, 1], [1, 0, 1])).toBe(0);
    expect(ofClasses(matthews(), [0, 1, 1], [1, 1, 1])).toBe(0);
    expect(ofClasses(matthews(), [1, 1], [1, 1])).toBe(0);
    expect(ofClasses(matthews(), TWO!, OTHER_TWO!)).toBe(0);
    expect(ofClasses(matthews(), TARGETS, PREDICTIONS)).toBeCloseTo(0.2727272727272727, 12);
  });

  it('refuses tags, of which it is no correlation', () => {
    expect(() => matthews().update([1, 0], { probabilities: [0.4, 0.6] } as never)).toThrow(
      'matthews was given {"probabilities":[0.4,0.6]}, expected a class, or a list of the classes of places. Use it for a head that tells classes.',
    );
  });
});

describe('meanIou and accuracy', () => {
  // scikit-learn 1.9.1: jaccard_score(targets, predictions, average='macro').
  it('take classes, and leave out one that never occurs', () => {
    expect(ofClasses(meanIou(), TARGETS, PREDICTIONS)).toBeCloseTo(0.22916666666666666, 12);
  });

  it('count places, not pictures', () => {
    const metric = accuracy();
    metric.update([0, 1, 1, 1], [0, 1, 1, 1]);
    metric.update([0, -1], [1, 5]);
    expect(metric.result()).toBe(0.8);
  });

  it('refuse another number of places, and what is no class', () => {
    expect(() => accuracy().update([0, 1], { mask: [0] })).toThrow(
      'accuracy was given "1 classes for a target of 2", expected one for each place. Use it for a head that tells the class of each place.',
    );
    expect(() => accuracy().update([0, 1], [0, 1.5])).toThrow(
      'accuracy was given 1.5, expected the number of a class, from 0. Use it for targets that are classes, with -1 for a place without one.',
    );
    expect(() => accuracy().update(0, { value: 0.5 } as never)).toThrow(
      'accuracy was given {"value":0.5}, expected a class, or a list of the classes of places. Use it for a head that tells classes.',
    );
    expect(() => meanIou().update(-1, { class: 0 })).toThrow('mean-iou was given -1, expected the number of a class');
  });
});
