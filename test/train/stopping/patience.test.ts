import { describe, expect, it } from 'vitest';
import { isOver, type PatienceRule, type Waiting, waitFor } from '../../../src/train/stopping/patience.ts';
import type { Yardstick } from '../../../src/train/stopping/yardstick.ts';

const loss: Yardstick = { task: 'a', metric: 'loss', higherIsBetter: false };
const accuracy: Yardstick = { task: 'a', metric: 'accuracy', higherIsBetter: true };

/** Waits through evaluations every ten steps. @returns the step after which it is over, and what was reached. */
function through(yardstick: Yardstick, rule: Partial<PatienceRule>, values: readonly number[]) {
  const whole = { patience: 2, minDelta: 0, from: 0, ...rule };
  let waiting: Waiting | undefined;
  for (const [i, value] of values.entries()) {
    waiting = waitFor(yardstick, whole, waiting, value, 10 * (i + 1));
    if (isOver(whole, waiting, 10 * (i + 1))) return { over: 10 * (i + 1), waiting };
  }
  return { over: undefined, waiting };
}

describe('patience', () => {
  // Keras 3.15.1's EarlyStopping of patience 2 stops at the same evaluation for each of these, and for those of minDelta below; its best
  // there is the last one that was better by more than min_delta.
  it('ends after so many evaluations in a row without an improvement', () => {
    expect(through(loss, {}, [1, 2, 3, 4])).toMatchObject({ over: 30, waiting: { best: 1, step: 10 } });
    expect(through(loss, {}, [4, 3, 3.5, 2, 2, 2, 1])).toMatchObject({ over: 60, waiting: { best: 2, step: 40 } });
    expect(through(accuracy, {}, [0.1, 0.4, 0.4, 0.4])).toMatchObject({ over: 40, waiting: { best: 0.4, step: 20 } });
    expect(through(loss, {}, [4, 3, 2, 1]).over).toBeUndefined();
  });

  it('does not end before `from`, and what was best before counts', () => {
    expect(through(loss, { from: 45 }, [1, 2, 3, 4, 5, 6])).toMatchObject({ over: 50, waiting: { best: 1, step: 10 } });
    expect(through(loss, { from: 30 }, [1, 2, 3, 4]).over).toBe(30);
  });

  it('takes steps that add up to more than minDelta for an improvement, and the best for the best', () => {
    // Each is better by 0.06.
    expect(through(loss, { minDelta: 0.1 }, [1, 0.94, 0.88, 0.82, 0.76]).over).toBeUndefined();
    expect(through(loss, { minDelta: 0.1 }, [1, 0.98, 0.96])).toMatchObject({
      over: 30,
      waiting: { best: 0.96, step: 30, reference: 1 },
    });
    // Exactly so much is not more.
    expect(through(loss, { minDelta: 0.5 }, [1, 0.5, 0.5]).over).toBe(30);
  });

  it('waits for nothing before the first number, and takes none that comes later for no improvement', () => {
    expect(through(loss, {}, [Number.NaN, Number.NaN, Number.NaN, Number.NaN]).over).toBeUndefined();
    expect(through(loss, {}, [Number.NaN, 1, Number.NaN, Number.NaN])).toMatchObject({
      over: 40,
      waiting: { best: 1, step: 20 },
    });
    expect(through(accuracy, {}, [0.5, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY])).toMatchObject({
      over: 30,
      waiting: { best: 0.5 },
    });
  });
});
