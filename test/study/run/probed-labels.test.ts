import { describe, expect, it } from 'vitest';
import type { Label } from '../../../src/index.ts';
import { probedLabels } from '../../../src/study/run/probed-labels.ts';

const read = (label: object, targets: readonly unknown[], head = {}) =>
  probedLabels(
    { name: 'asked', label: label as Label, head: head as never },
    targets.map((target) => ({ target })),
  );

describe('what a probe reads of labels', () => {
  it('is a class as it is, and on which side of the median a number lies', () => {
    expect(read({ shape: [], dtype: 'int32' }, [2, 0, 1])).toEqual({ labels: [2, 0, 1], what: 'its classes' });
    expect(read({ shape: [], dtype: 'float32' }, [0.5, 3, -1, 4])).toEqual({
      labels: [0, 1, 0, 1],
      what: 'below its median, or not',
    });
  });

  it('is of a list what it has more of than others, not what all are full of', () => {
    const lists = [
      [0, 0, 0, 1],
      [0, 0, 2, 2],
      [0, 0, 0, 0],
    ];
    expect(read({ shape: [4], dtype: 'int32' }, lists)).toEqual({
      labels: [1, 2, 0],
      what: 'the label that it has more of than others',
    });
    expect(read({ shape: [4], dtype: 'int32', lengths: true }, [[1], [1, 2, 2], [2, 1, 1, 1]])!.labels).toEqual([
      0, 1, 0,
    ]);
  });

  it('is of a list of numbers its mean, and of texts of many symbols their length', () => {
    expect(
      read({ shape: [2], dtype: 'float32' }, [
        [0, 1],
        [5, 5],
        [4, 9],
      ])!.labels,
    ).toEqual([0, 1, 1]);
    const texts = [40, 70, 90].map((length) => Array.from({ length }, (_, i) => i));
    expect(read({ shape: [100], dtype: 'int32', lengths: true }, texts)).toEqual({
      labels: [0, 1, 1],
      what: 'shorter than the median, or not',
    });
  });

  it('is nothing where examples are compared with each other', () => {
    expect(read({ shape: [], dtype: 'int32' }, [1, 2], { comparesSamples: true })).toBeUndefined();
  });
});
