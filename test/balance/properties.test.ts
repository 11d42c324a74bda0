// What holds for whole families of gradients, whichever they are.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregate } from '../../src/balance/index.ts';
import { dot } from '../../src/balance/linear/products.ts';
import type { Property } from '../../src/balance/method.ts';
import { BanyanError } from '../../src/error.ts';
import { aggregators } from './statistics.ts';

type Rows = readonly (readonly number[])[];

const seed = 20261124;
const norm = (values: ArrayLike<number>) => Math.sqrt(dot(values, values));
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) => norm(Array.from(a, (value, i) => value - b[i]!));
const unit = (values: ArrayLike<number>) => Array.from(values, (value) => value / norm(values));
const scaled = (rows: Rows, factors: readonly number[]) =>
  rows.map((row, i) => row.map((value) => value * factors[i]!));
const longest = (rows: Rows) => Math.max(...rows.map(norm));
const cosine = (a: ArrayLike<number>, b: ArrayLike<number>) => dot(a, b) / norm(a) / norm(b);

/** Numbers like those of a gradient: of both signs, none so small that its square would be 0. */
const number = fc.integer({ min: -1000, max: 1000 }).map((value) => value / 250);
const matrix = (tasks: readonly [number, number], width: number) =>
  fc
    .array(fc.array(number, { minLength: width, maxLength: width }), { minLength: tasks[0], maxLength: tasks[1] })
    .filter((rows) => rows.every((row) => norm(row) > 0));
/** Rows whose directions are far from dependent on each other. */
const independent = (tasks: readonly [number, number]) =>
  matrix(tasks, 8).filter((rows) => norm(aggregate('mgda', rows.map(unit))) > 0.05 && smallestPivot(rows) > 1e-3);
const check = <T>(family: fc.Arbitrary<T>, holds: (value: T) => void, numRuns = 100) =>
  fc.assert(fc.property(family, holds), { seed, numRuns });

/** Least squared sine of a row's angle to those before it. */
function smallestPivot(rows: Rows): number {
  const basis: number[][] = [];
  return Math.min(
    ...rows.map((row) => {
      let rest = unit(row);
      for (const other of basis) {
        const product = dot(rest, other);
        rest = rest.map((value, i) => value - product * other[i]!);
      }
      basis.push(unit(rest));
      return dot(rest, rest);
    }),
  );
}

/** The methods that say this of themselves. */
const withProperty = (property: Property) =>
  aggregators.filter(({ properties }) => properties.includes(property)).map(({ name }) => name);
/** With which a method takes few tasks. */
const forFew: Readonly<Record<string, Record<string, unknown>>> = { 'trimmed-mean': { trimNumber: 0 } };
const every = aggregators.map(({ name }) => name);

describe('directions that conflict with no gradient', () => {
  it.each(withProperty('non-conflicting'))('%s, any gradients', (method) => {
    check(matrix([1, 6], 4), (rows) => {
      const got = aggregate(method, rows);
      for (const row of rows)
        expect(dot(row, got)).toBeGreaterThan(-1e-6 * norm(row) * Math.max(longest(rows), norm(got)));
    });
  });

  it.each(withProperty('non-conflicting-if-independent'))('%s, independent gradients', (method) => {
    check(independent([2, 5]), (rows) => {
      const got = aggregate(method, rows);
      for (const row of rows) expect(cosine(row, got)).toBeGreaterThan(0);
    });
  });
});

describe('what the papers promise', () => {
  it('imtl-g: equal projections; config: equal cosines', () => {
    check(independent([2, 5]), (rows) => {
      for (const method of ['imtl-g', 'config']) {
        const got = aggregate(method, rows);
        const cosines = rows.map((row) => cosine(row, got));
        for (const value of cosines) expect(value).toBeCloseTo(cosines[0]!, 8);
      }
    });
  });

  it('nash-mtl, fairgrad: the weights solve G w = w^(-1/alpha)', () => {
    check(fc.tuple(independent([2, 5]), fc.constantFrom(0.5, 1, 2, 5)), ([rows, alpha]) => {
      const got = aggregate('fairgrad', rows, { alpha });
      // Of independent rows the weights can be had back: (g_i · got)^(-alpha) = w_i, and Σ w_i g_i = got.
      const weights = rows.map((row) => dot(row, got) ** -alpha);
      const again = got.map((_, at) => rows.reduce((sum, row, i) => sum + weights[i]! * row[at]!, 0));
      expect(distance(again, got)).toBeLessThan(1e-6 * Math.max(1, norm(got)));
    });
  });

  it('cagrad: within c |g0| of the mean gradient', () => {
    check(fc.tuple(matrix([2, 6], 4), fc.constantFrom(0.2, 0.5, 0.9)), ([rows, c]) => {
      const got = aggregate('cagrad', rows, { c });
      const mean = aggregate('mean', rows);
      if (norm(got) > 0) expect(distance(got, mean)).toBeLessThanOrEqual(c * norm(mean) * (1 + 1e-9));
    });
  });

  it('cagrad: no direction found by trial does more for the task that it helps least', () => {
    check(fc.tuple(matrix([2, 4], 3), matrix([20, 20], 3)), ([rows, trials]) => {
      const mean = aggregate('mean', rows);
      const got = aggregate('cagrad', rows, { c: 0.5 });
      const worst = (direction: ArrayLike<number>) => Math.min(...rows.map((row) => dot(row, direction)));
      for (const trial of trials.map(unit)) {
        const other = trial.map((value, i) => mean[i]! + 0.5 * norm(mean) * value);
        expect(worst(other)).toBeLessThanOrEqual(worst(got) + 1e-7 * longest(rows) ** 2);
      }
    });
  });

  it('aligned-mtl: lengthens no direction beyond equal weights', () => {
    check(matrix([2, 6], 8), (rows) => {
      const got = aggregate('aligned-mtl', rows, { prefVector: rows.map(() => 1) });
      const lengths = [...rows].map(norm);
      // Lengths of the aligned gradients are the least singular value, which is at most the shortest gradient's.
      expect(norm(got)).toBeLessThanOrEqual(Math.sqrt(rows.length) * Math.min(...lengths) * (1 + 1e-9) + 1e-9);
    });
  });
});

describe('two tasks in closed form', () => {
  const pair = matrix([2, 2], 5).filter(([a, b]) => Math.abs(cosine(a!, b!)) < 0.999);

  it('mgda: w = clip((g22 - g12) / (g11 + g22 - 2 g12), 0, 1)', () => {
    check(pair, (rows) => {
      const [a, b] = rows as [number[], number[]];
      const [aa, ab, bb] = [dot(a, a), dot(a, b), dot(b, b)];
      const w = Math.min(1, Math.max(0, (bb - ab) / (aa + bb - 2 * ab)));
      expect(
        distance(
          aggregate('mgda', rows),
          a.map((value, i) => w * value + (1 - w) * b[i]!),
        ),
      ).toBeLessThan(1e-9);
    });
  });

  it('nash-mtl: a_i = 1 / (|g_i| sqrt(1 + cos))', () => {
    check(pair, (rows) => {
      const factors = rows.map((row) => 1 / (norm(row) * Math.sqrt(1 + cosine(rows[0]!, rows[1]!))));
      const expected = rows[0]!.map((_, at) => rows.reduce((sum, row, i) => sum + factors[i]! * row[at]!, 0));
      expect(distance(aggregate('nash-mtl', rows, { maxNorm: 0 }), expected)).toBeLessThan(1e-8);
    });
  });

  it('upgrad: half the sum of the gradients, each projected off the other where they conflict', () => {
    check(pair, (rows) => {
      const off = (a: readonly number[], b: readonly number[]) => {
        const share = Math.min(0, dot(a, b)) / dot(b, b);
        return a.map((value, i) => value - share * b[i]!);
      };
      const [a, b] = rows as [number[], number[]];
      const [first, second] = [off(a, b), off(b, a)];
      expect(
        distance(
          aggregate('upgrad', rows),
          first.map((value, i) => (value + second[i]!) / 2),
        ),
      ).toBeLessThan(1e-9);
      expect(
        distance(
          aggregate('pcgrad', rows),
          first.map((value, i) => value + second[i]!),
        ),
      ).toBeLessThan(1e-9);
    });
  });
});

describe('invariances', () => {
  const tolerance: Readonly<Record<string, number>> = { cagrad: 1e-6 };

  it.each(withProperty('permutation-invariant'))('%s: the order of tasks does not matter', (method) => {
    const family = fc.tuple(matrix([3, 6], 8), fc.integer({ min: 1, max: 5 }));
    check(family, ([rows, by]) => {
      const turned = rows.map((_, i) => rows[(i + by) % rows.length]!);
      const got = aggregate(method, rows);
      expect(distance(aggregate(method, turned), got)).toBeLessThan(
        (tolerance[method] ?? 1e-7) * Math.max(1, norm(got), longest(rows)),
      );
    });
  });

  const [exact, direction] = [withProperty('scale-invariant'), withProperty('direction-scale-invariant')];
  it.each([...exact, ...direction])('%s: the direction does not depend on lengths of gradients', (method) => {
    const factors = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 5, maxLength: 5 });
    check(fc.tuple(independent([2, 5]), factors), ([rows, powers]) => {
      const longer = scaled(
        rows,
        powers.map((power) => 10 ** power),
      );
      const [before, after] = [aggregate(method, rows), aggregate(method, longer)];
      if (exact.includes(method)) expect(distance(before, after)).toBeLessThan(1e-7);
      else expect(Math.abs(cosine(before, after))).toBeGreaterThan(1 - 1e-9);
    });
  });

  it.each(withProperty('homogeneous'))('%s: a common scale of all gradients is the scale of the result', (method) => {
    check(fc.tuple(independent([2, 5]), fc.constantFrom(1e-8, 1e8)), ([rows, scale]) => {
      const longer = aggregate(
        method,
        scaled(
          rows,
          rows.map(() => scale),
        ),
      );
      const got = aggregate(method, rows);
      expect(
        distance(
          longer.map((value) => value / scale),
          got,
        ),
      ).toBeLessThan(1e-6 * Math.max(1, norm(got)));
    });
  });
});

describe('what the methods say of themselves', () => {
  it('is what it was found to be', () => {
    expect(withProperty('non-conflicting').sort()).toEqual(['dual-proj', 'fairgrad', 'mgda', 'nash-mtl', 'upgrad']);
    expect(withProperty('non-conflicting-if-independent')).toEqual(['config']);
    expect(withProperty('scale-invariant')).toEqual(['nash-mtl']);
    expect(withProperty('direction-scale-invariant').sort()).toEqual(['config', 'imtl-g']);
    expect(withProperty('homogeneous')).toHaveLength(10);
    // The others draw, or take the first of equal ones.
    const ordered = ['gradvac', 'krum', 'pcgrad', 'random'];
    expect(every.filter((name) => !withProperty('permutation-invariant').includes(name)).sort()).toEqual(ordered);
  });
});

describe('one task', () => {
  const row = [3, -4, 12];
  it.each(every.filter((name) => name !== 'krum'))('%s: its gradient', (method) => {
    const factor: Readonly<Record<string, number>> = { cagrad: 1.5, 'nash-mtl': 1 / 13, fairgrad: 1 / 13 };
    const got = aggregate(method, [row], forFew[method] ?? {});
    row.forEach((value, i) => {
      expect(got[i]).toBeCloseTo(value * (factor[method] ?? 1), 10);
    });
  });
});

describe('where gradients are degenerate', () => {
  const base = [1.5, -2, 0.25, 3];
  const other = [-1, 0.5, 2, 1];
  const families: Readonly<Record<string, Rows>> = {
    'a row of 0': [base, [0, 0, 0, 0], other, base],
    'nothing but 0': [base, base, base, base].map((row) => row.map(() => 0)),
    'equal rows': [base, base, base, base],
    'opposite rows': [base, base.map((value) => -value), base, base.map((value) => -value)],
    'an opposite pair beside others': [base, base.map((value) => -value), other, [0, 1, 0, 1]],
    'a positive combination that is 0': [base, other, base.map((value, i) => -value - other[i]!), [1, 1, 1, 1]],
    'more rows than parameters': [
      [1, 2],
      [-1, 1],
      [3, -0.5],
      [0, 1],
      [-2, -2],
    ],
    'scales from 1e-8 to 1e8': scaled([base, other, [0, 1, 1, 0], [1, 0, -3, 1]], [1e-8, 1, 1e8, 1e-3]),
    'opposite rows of different scale': scaled([base, base, other, other], [1e-8, -1e8, 1, -1]),
    'nearly equal rows': [base, base.map((value) => value * (1 + 1e-15)), base.map((value) => value + 1e-12), other],
    'tiny rows': scaled([base, other, base, other], [1e-120, 1e-120, 1, 1e-30]),
    'float32 rounding of a flat fan': Array.from({ length: 6 }, (_, i) => [1, i * 1e-4, i * i * 1e-8].map(Math.fround)),
  };

  describe.each(Object.keys(families))('%s', (family) => {
    it.each(every)('%s is finite', (method) => {
      expect([...aggregate(method, families[family]!)].every(Number.isFinite)).toBe(true);
    });
  });

  it.each(every)('%s: whatever the scales, finite or a clear error', (method) => {
    const powers = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 6, maxLength: 6 });
    const anything = fc.array(fc.array(number, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 6 });
    check(fc.tuple(anything, powers), ([rows, by]) => {
      try {
        const got = aggregate(
          method,
          scaled(
            rows,
            by.map((power) => 10 ** power),
          ),
        );
        expect([...got].every(Number.isFinite)).toBe(true);
      } catch (error) {
        if (!(error instanceof BanyanError)) throw error;
      }
    });
  });
});
