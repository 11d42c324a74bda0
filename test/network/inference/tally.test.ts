import { describe, expect, it } from 'vitest';
import { rmse } from '../../../src/evaluate/index.ts';
import { talliesOf } from '../../../src/network/inference/tally.ts';
import type { Metric } from '../../../src/task/index.ts';

const headOf = (...metrics: Metric<number, number>[]) => ({ scope: 'head/a', metrics: metrics as Metric[] });

describe('heads that hold one metric', () => {
  it('each have their own figure', () => {
    const shared = rmse();
    const [zero, own, ten] = talliesOf([headOf(shared), headOf(rmse()), headOf(shared, shared)]);
    for (const prediction of [0.25, -0.25]) {
      zero!.update(0, prediction, 'it');
      own!.update(5, prediction + 5, 'it');
      ten!.update(10, prediction, 'it');
    }
    for (let again = 0; again < 2; again++) {
      expect(zero!.result()).toEqual({ rmse: 0.25 });
      expect(ten!.result().rmse).toBeCloseTo(Math.sqrt((9.75 ** 2 + 10.25 ** 2) / 2), 12);
      expect(own!.result()).toEqual({ rmse: 0.25 });
    }
  });
});
