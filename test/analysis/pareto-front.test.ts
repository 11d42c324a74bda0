import { describe, expect, it } from 'vitest';
import { paretoFront } from '../../src/analysis/pareto-front.ts';

describe('paretoFront', () => {
  it('holds what no other point dominates', () => {
    const points = [
      [1, 3],
      [2, 2],
      [3, 1],
      [2, 1],
      [1, 1],
    ];
    expect(paretoFront(points)).toEqual([true, true, true, false, false]);
  });

  it('holds equal points together, and the best alone', () => {
    expect(
      paretoFront([
        [1, 1],
        [1, 1],
      ]),
    ).toEqual([true, true]);
    expect(paretoFront([[2], [1], [3]])).toEqual([false, false, true]);
    expect(paretoFront([])).toEqual([]);
  });
});
