import { describe, expect, it } from 'vitest';
import { meanInterval } from '../../src/analysis/student.ts';

describe('meanInterval', () => {
  it("has Student's quantiles", () => {
    // Two values 0 and 2: the deviation of the mean is 1, so half the width is the quantile for one degree of freedom.
    expect(meanInterval([0, 2]).halfWidth).toBeCloseTo(12.7062, 4);
    // 1 to 5: deviation sqrt(2.5), half width 2.776445 * sqrt(2.5 / 5).
    const five = meanInterval([1, 2, 3, 4, 5]);
    expect(five.mean).toBe(3);
    expect(five.halfWidth).toBeCloseTo(1.963243, 5);
    // Tables: t(2) = 4.302653, t(3) = 3.182446 at 95 %, t(9) = 3.249836 at 99 %.
    expect(meanInterval([0, 0, 3]).halfWidth).toBeCloseTo(4.302653, 5);
    expect(meanInterval([0, 0, 2, 2]).halfWidth).toBeCloseTo(3.182446 * Math.sqrt(1 / 3), 5);
    const ten = meanInterval([0, 0, 0, 0, 0, 2, 2, 2, 2, 2], 0.99);
    expect(ten.halfWidth).toBeCloseTo(3.249836 / 3, 5);
  });

  it('of one value has no width, of equal ones none', () => {
    expect(meanInterval([0.7])).toEqual({ mean: 0.7, count: 1 });
    expect(meanInterval([0.5, 0.5, 0.5])).toEqual({ mean: 0.5, halfWidth: 0, count: 3 });
  });

  it('refuses no values', () => {
    expect(() => meanInterval([])).toThrow(
      'meanInterval: expected at least one value and a confidence in (0, 1), received 0 and 0.95. Give values, and a confidence such as 0.95.',
    );
  });
});
