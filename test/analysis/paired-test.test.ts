import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holm, pairedTest } from '../../src/analysis/paired-test.ts';

describe('pairedTest', () => {
  it.each([
    // By scipy.stats.ttest_rel 1.17.
    [[0.81, 0.79, 0.84], [0.8, 0.75, 0.8], 0.09546596626670906],
    [[1, 2, 3, 4, 5.5], [1.2, 1.7, 3.3, 4.1, 5], 0.8074266613969084],
    [[3, 1], [1, 2], 0.7951672353008665],
    [[1, 2, 3, 4, 5.5, 7, 3, 2], [2.2, 2.7, 4.3, 5.1, 6, 8, 3.5, 3.1], 7.18261907057908e-5],
  ])('agrees with an outside value', (one, other, p) => {
    expect(pairedTest(one, other)).toBeCloseTo(p, 9);
    expect(pairedTest(other, one)).toBeCloseTo(p, 9);
  });

  it('knows what has no spread', () => {
    expect(pairedTest([1, 2], [1, 2])).toBe(1);
    expect(pairedTest([2, 3], [1, 2])).toBeNaN();
    expect(pairedTest([0.84, 0.58, 0.65], [0.76, 0.5, 0.57])).toBeNaN();
    expect(pairedTest([1], [2])).toBeNaN();
    expect(pairedTest([1, 2, 3], [2, 1, 3])).toBe(1);
    const far = Array.from({ length: 17 }, (_, i) => 100 + (i % 2));
    expect(
      pairedTest(
        far,
        far.map(() => 0),
      ),
    ).toBeGreaterThanOrEqual(0);
  });

  it('refuses values without a partner', () => {
    expect(() => pairedTest([1, 2], [1])).toThrow(
      'pairedTest: expected two lists of one length >= 1, received 2 and 1. Give each value its partner.',
    );
  });
});

describe('holm', () => {
  it('multiplies the least by their number, the next by one less, and never falls', () => {
    // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    const corrected = holm([0.01, 0.04, 0.03, 0.005]);
    for (const [i, p] of [0.03, 0.06, 0.06, 0.02].entries()) expect(corrected[i]).toBeCloseTo(p, 12);
    expect(holm([0.9, 0.6])).toEqual([1, 1]);
    expect(holm([Number.NaN, 0.02])).toEqual([Number.NaN, 0.02]);
    expect(holm([])).toEqual([]);
  });

  it('keeps the order of the p-values and lowers none', () => {
    const list = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(list, (values) => {
        const corrected = holm(values);
        for (const [i, p] of values.entries()) {
          expect(corrected[i]).toBeGreaterThanOrEqual(p);
          expect(corrected[i]).toBeLessThanOrEqual(Math.min(1, values.length * p));
          for (const [j, other] of values.entries()) {
            if (p < other) expect(corrected[i]).toBeLessThanOrEqual(corrected[j]!);
          }
        }
      }),
    );
  });
});
