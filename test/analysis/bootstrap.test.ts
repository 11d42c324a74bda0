import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrapInterval } from '../../src/analysis/bootstrap.ts';

describe('bootstrapInterval', () => {
  it('of three values reaches from the least to the greatest', () => {
    // Each of them alone is 1 of 27 resamples: 3.7 % lie at each end, more than 2.5 %.
    expect(bootstrapInterval([3, 1, 2])).toEqual({ mean: 2, low: 1, high: 3 });
  });

  it('of many values is that of the normal distribution', () => {
    const values = Array.from({ length: 400 }, (_, i) => (i < 200 ? 0 : 1));
    const { mean, low, high } = bootstrapInterval(values);
    expect(mean).toBe(0.5);
    // 1.96 x 0.5 / sqrt(400).
    expect(high - 0.5).toBeCloseTo(0.049, 2);
    expect(0.5 - low).toBeCloseTo(0.049, 2);
    expect(bootstrapInterval(values)).toEqual({ mean, low, high });
    expect(bootstrapInterval(values, 0.5).high).toBeLessThan(0.525);
  });

  it('holds the mean, and moves with the values', () => {
    const list = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(list, (values) => {
        const { mean, low, high } = bootstrapInterval(values);
        expect(low).toBeLessThanOrEqual(mean + 1e-9);
        expect(high).toBeGreaterThanOrEqual(mean - 1e-9);
        const moved = bootstrapInterval(values.map((value) => 2 * value + 1));
        expect(moved.low).toBeCloseTo(2 * low + 1, 9);
        expect(moved.high).toBeCloseTo(2 * high + 1, 9);
      }),
      { numRuns: 20 },
    );
  });

  it('refuses no values', () => {
    expect(() => bootstrapInterval([])).toThrow(
      'bootstrapInterval: expected at least one value and a confidence in (0, 1), received 0 and 0.95. Give values, and a confidence such as 0.95.',
    );
  });
});
