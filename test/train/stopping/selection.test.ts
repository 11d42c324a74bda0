import { describe, expect, it } from 'vitest';
import { NONE_SELECTED, type Selection, select } from '../../../src/train/stopping/selection.ts';
import type { Yardstick } from '../../../src/train/stopping/yardstick.ts';

const ONE: Yardstick[] = [{ task: 'a', metric: 'accuracy', higherIsBetter: true }];
const BOTH: Yardstick[] = [...ONE, { task: 'b', metric: 'loss', higherIsBetter: false }];

/** The steps that were best so far, evaluation by evaluation. `rows`: accuracy of a, loss of b. */
function bests(yardsticks: readonly Yardstick[], rows: readonly (readonly [number, number])[]) {
  let selection: Selection = NONE_SELECTED;
  return rows.map(([accuracy, loss], i) => {
    selection = select(yardsticks, selection, { a: { accuracy, loss: 0 }, b: { loss } }, i + 1);
    return selection.best?.step;
  });
}

describe('the best evaluation', () => {
  it('is that of one task, the earliest of equal ones', () => {
    expect(
      bests(ONE, [
        [0.5, 9],
        [0.75, 9],
        [0.75, 0],
        [0.7, 9],
        [0.8, 99],
      ]),
    ).toEqual([1, 2, 2, 2, 5]);
  });

  it('is that in which all tasks are nearest to their own bests in the mean', () => {
    // From the second on a has lost 10 % of its best, b stands 1/2 of its first loss below: (0.1 + 0) / 2 against (0 + 0.5) / 2.
    expect(
      bests(BOTH, [
        [0.9, 2],
        [0.81, 1],
      ]),
    ).toEqual([1, 2]);
    // a gains 0.8 / 0.9 and b loses a tenth of 2.
    expect(
      bests(BOTH, [
        [0.1, 2],
        [0.1, 1.8],
        [0.9, 2],
      ]),
    ).toEqual([1, 2, 3]);
  });

  it('is chosen by the bests of now, which may make an earlier one the better', () => {
    // In the third b is so good that what a lost there does not count; in the fourth both are worse than in the third.
    expect(
      bests(BOTH, [
        [0.9, 2],
        [0.88, 1.99],
        [0.6, 0.1],
        [0.8, 1.9],
      ]),
    ).toEqual([1, 1, 3, 3]);
  });

  it('is none in which a task has no number', () => {
    expect(
      bests(BOTH, [
        [Number.NaN, 1],
        [0.1, 2],
        [0.9, Number.NaN],
        [0.1, 1.5],
      ]),
    ).toEqual([undefined, 2, 2, 4]);
  });
});
