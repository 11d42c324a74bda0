import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distanceOf, type Mark, marked } from '../../../src/train/stopping/mark.ts';
import type { Yardstick } from '../../../src/train/stopping/yardstick.ts';

const higher: Yardstick = { task: 'a', metric: 'accuracy', higherIsBetter: true };
const lower: Yardstick = { task: 'a', metric: 'loss', higherIsBetter: false };
const markOf = (yardstick: Yardstick, values: readonly number[]): Mark | undefined =>
  values.reduce<Mark | undefined>((mark, value, i) => marked(yardstick, mark, value, i + 1), undefined);

describe('a mark', () => {
  it('holds the first and the best value, and the earliest step of the best', () => {
    expect(markOf(higher, [0.5, 0.8, 0.7, 0.8])).toEqual({ first: 0.5, best: 0.8, step: 2 });
    expect(markOf(lower, [2, 1, 1.5, 1])).toEqual({ first: 2, best: 1, step: 2 });
  });

  it('knows nothing of what is no number', () => {
    expect(markOf(higher, [Number.NaN, Number.POSITIVE_INFINITY])).toBeUndefined();
    expect(markOf(higher, [Number.NaN, 0.5, Number.NaN, Number.POSITIVE_INFINITY])).toEqual({
      first: 0.5,
      best: 0.5,
      step: 2,
    });
  });
});

describe('the distance from the best', () => {
  const finite = fc.integer({ min: -8000, max: 8000 }).map((eighths) => eighths / 8);

  it('is, of a share, the part of the best that is lost', () => {
    expect(distanceOf(higher, { first: 0.1, best: 0.9, step: 1 }, 0.81)).toBeCloseTo(0.1);
    expect(distanceOf(higher, { first: 0.1, best: 0.8, step: 1 }, 0.9)).toBeLessThan(0);
  });

  it('is tame where the best of an error is near 0', () => {
    expect(distanceOf(lower, { first: 2, best: 0.01, step: 1 }, 0.02)).toBeCloseTo(0.005);
    expect(distanceOf(lower, { first: 2, best: 0, step: 1 }, 1)).toBe(0.5);
  });

  it('is there for a metric that is 0 or has both signs', () => {
    expect(distanceOf(higher, { first: 0, best: 0, step: 1 }, 0)).toBe(0);
    expect(distanceOf(higher, { first: 0, best: 0, step: 1 }, -3)).toBe(1);
    expect(distanceOf(lower, { first: 0, best: 0, step: 1 }, 3)).toBe(1);
    expect(distanceOf(higher, { first: -21, best: 21, step: 1 }, -21)).toBe(2);
  });

  it('is none for what is no number', () => {
    expect(distanceOf(lower, { first: 2, best: 1, step: 1 }, Number.NaN)).toBeNaN();
    expect(distanceOf(lower, { first: 2, best: 1, step: 1 }, Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  });

  it('grows as the value gets worse, up to 2 from best to first, and knows no unit', () => {
    fc.assert(
      fc.property(
        finite,
        finite,
        finite,
        finite,
        fc.double({ noNaN: true, min: 1e-3, max: 1e3 }),
        fc.boolean(),
        (first, other, one, two, unit, up) => {
          const yardstick = up ? higher : lower;
          const best = up ? Math.max(first, other) : Math.min(first, other);
          const mark = { first, best, step: 1 };
          const distance = distanceOf(yardstick, mark, one);
          expect(distanceOf(yardstick, mark, first)).toBeLessThanOrEqual(2);
          expect(distanceOf(yardstick, mark, best)).toBe(0);
          const [better, worse] = one > two === up ? [one, two] : [two, one];
          expect(distanceOf(yardstick, mark, better)).toBeLessThanOrEqual(distanceOf(yardstick, mark, worse) + 1e-12);
          const scaled = { first: unit * first, best: unit * best, step: 1 };
          expect(distanceOf(yardstick, scaled, unit * one)).toBeCloseTo(distance, 9);
          // Higher is better of the numbers with the other sign.
          const mirrored = { first: -first, best: -best, step: 1 };
          expect(distanceOf(up ? lower : higher, mirrored, -one)).toBeCloseTo(distance, 12);
        },
      ),
    );
  });
});
