import { numberStatistics } from 'banyan-ml/heads/table';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const statisticsOf = (rows: readonly (readonly (number | undefined)[])[], options = {}) => {
  const statistics = numberStatistics({ columns: rows[0]!.length, ...options });
  for (const row of rows) statistics.add(row);
  return statistics.result();
};

describe('numberStatistics', () => {
  it('finds mean and deviation as StandardScaler of scikit-learn 1.9.1 does', () => {
    const column = [1, 2, 2, 2, 3, 5, 8, 13, 21, 100];
    const { counts, mean, deviation } = statisticsOf(column.map((x, i) => [x, i < 3 ? Number.NaN : 4, undefined]));
    expect(counts).toEqual([10, 7, 0]);
    expect(mean[0]).toBeCloseTo(15.7, 12);
    expect(deviation[0]).toBeCloseTo(28.733430007571318, 12);
    expect([mean[1], deviation[1]]).toEqual([4, 0]);
    expect([mean[2], deviation[2]]).toEqual([0, 0]);
  });

  it('keeps its digits where the mean is far from 0', () => {
    const { deviation } = statisticsOf([4, 7, 13, 16].map((x) => [1e9 + x]));
    expect(deviation[0]).toBeCloseTo(Math.sqrt(22.5), 6);
  });

  it('has no deviation of a constant column, whatever the number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), fc.integer({ min: 1, max: 50 }), (x, n) => {
        expect(statisticsOf(Array.from({ length: n }, () => [x])).deviation).toEqual([0]);
      }),
    );
  });

  it('finds quantiles on straight lines between the numbers', () => {
    const { quantiles } = statisticsOf([[3], [undefined], [1], [2]], { quantiles: true });
    expect(quantiles).toEqual([[1, 2, 3]]);
    const many = statisticsOf(
      Array.from({ length: 4001 }, (_, i) => [i % 4001]),
      { quantiles: true },
    ).quantiles![0]!;
    expect(many.length).toBe(1000);
    expect(many[1]).toBeCloseTo(4000 / 999, 9);
    expect(many.at(-1)).toBe(4000);
  });

  it('draws a sample of a long column, the same for the same seed', () => {
    const find = (seed: number) => {
      const statistics = numberStatistics({ columns: 1, quantiles: true, seed });
      for (let i = 0; i < 200_000; i++) statistics.add([i]);
      return statistics.result().quantiles![0]!;
    };
    const quantiles = find(1);
    expect(find(1)).toEqual(quantiles);
    expect(find(2)).not.toEqual(quantiles);
    // The median of 100 000 draws has a deviation of 316.
    expect(Math.abs((quantiles[499]! + quantiles[500]!) / 2 - 100_000)).toBeLessThan(1500);
  });

  it('says which row and column is wrong', () => {
    const statistics = numberStatistics({ columns: 2 });
    statistics.add([1, 2]);
    expect(() => statistics.add([1])).toThrow(
      'numberStatistics: row 1 has 1 cells, expected 2. Give undefined for a number that is missing.',
    );
    expect(() => statistics.add([1, Number.POSITIVE_INFINITY])).toThrow(
      'numberStatistics: row 1 has Infinity in column 1, expected a finite number. Correct it, or give undefined where it is missing.',
    );
    expect(() => numberStatistics({ columns: 0 })).toThrow('numberStatistics: columns must be a whole number >= 1');
  });
});
