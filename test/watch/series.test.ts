import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Series } from '../../src/watch/series.ts';

const point = (step: number, value: number) => ({ step, seconds: step / 10, values: { a: value } });

describe('a series', () => {
  it('keeps every point of a short curve', () => {
    const series = new Series();
    for (let step = 1; step < 1000; step++) series.add(point(step, step));
    expect(series.points).toHaveLength(999);
    expect(series.points[7]).toEqual(point(8, 8));
  });

  it('of any length has at most a thousand points, up to the last, and the mean of all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9000 }), (count) => {
        const series = new Series();
        for (let step = 1; step <= count; step++) series.add(point(step, step % 7));
        const { points, state } = series;
        expect(points.length).toBeLessThanOrEqual(1000);
        expect(points.at(-1)!.step).toBe(count);
        const kept = points.slice(0, state.points.length).reduce((sum, { values }) => sum + values.a!, 0) * state.every;
        const pending = state.pending.reduce((sum, { values }) => sum + values.a!, 0);
        let whole = 0;
        for (let step = 1; step <= count; step++) whole += step % 7;
        expect(kept + pending).toBeCloseTo(whole, 6);
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  it('goes on from its state as if it had never been one', () => {
    const [whole, part] = [new Series(), new Series()];
    for (let step = 1; step <= 2500; step++) {
      whole.add(point(step, step));
      part.add(point(step, step));
    }
    const restored = new Series(JSON.parse(JSON.stringify(part.state)));
    for (let step = 2501; step <= 5000; step++) {
      whole.add(point(step, step));
      restored.add(point(step, step));
    }
    expect(restored.state).toEqual(whole.state);
  });

  it('takes the mean of each name over the points that have it', () => {
    const series = new Series({ every: 2, points: [], pending: [] });
    series.add({ step: 1, seconds: 1, values: { a: 1, b: 5 } });
    series.add({ step: 2, seconds: 2, values: { a: 3 } });
    expect(series.points).toEqual([{ step: 2, seconds: 2, values: { a: 2, b: 5 } }]);
  });
});
