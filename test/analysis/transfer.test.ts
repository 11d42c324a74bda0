import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areaUnderCurve, transferMatrix, transferScore } from '../../src/analysis/transfer.ts';

const curve = (...points: [step: number, value: number][]) => points.map(([step, value]) => ({ step, value }));

describe('areaUnderCurve', () => {
  it('is the mean height, by trapezoids of any width', () => {
    // (0 + 1) / 2 * 10 + (1 + 0.5) / 2 * 30 = 27.5, over 40 steps.
    expect(areaUnderCurve(curve([0, 0], [10, 1], [40, 0.5]))).toBeCloseTo(0.6875, 12);
  });

  it('of a level curve is its height', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 9 }), (height, every) => {
        const level = Array.from({ length: 5 }, (_, i) => ({ step: 3 + i * every, value: height }));
        expect(areaUnderCurve(level)).toBeCloseTo(height, 12);
      }),
    );
  });

  it('refuses what has no area', () => {
    expect(() => areaUnderCurve(curve([0, 1]))).toThrow(
      'areaUnderCurve: expected at least two points, received 1. Evaluate more often.',
    );
    expect(() => areaUnderCurve(curve([5, 1], [5, 1]))).toThrow(
      'areaUnderCurve: expected finite values at ascending steps, received 1 at step 5. Sort the points by their steps, and leave out those that are not finite.',
    );
    expect(() => areaUnderCurve(curve([0, Number.NaN], [5, 1]))).toThrow('received NaN at step 0.');
  });
});

describe('transferScore', () => {
  it('is the area relative to that from scratch', () => {
    // Areas of 0.6 and 0.4.
    expect(transferScore(curve([0, 0.4], [10, 0.8]), curve([0, 0.2], [10, 0.6]))).toBeCloseTo(1.5, 12);
  });

  it('refuses a curve from scratch without an area', () => {
    expect(() => transferScore(curve([0, 1], [1, 1]), curve([0, 0], [1, 0]))).toThrow(
      'transferScore: expected an area > 0 under the curve from scratch, received 0. Choose a metric that is positive.',
    );
  });
});

describe('transferMatrix', () => {
  it('has an empty cell where nothing was measured', () => {
    const entries = [
      { source: 'a', target: 'b', score: 1.1 },
      { source: 'b', target: 'a', score: 0.9 },
      { source: 'b', target: 'c', score: 1.2 },
    ];
    expect(transferMatrix(entries)).toEqual({
      sources: ['a', 'b'],
      targets: ['b', 'a', 'c'],
      scores: [
        [1.1, undefined, undefined],
        [undefined, 0.9, 1.2],
      ],
    });
  });

  it('refuses two scores for one cell', () => {
    const entry = { source: 'a', target: 'b', score: 1 };
    expect(() => transferMatrix([entry, entry])).toThrow('transferMatrix: two scores from a to b, expected one.');
  });
});
