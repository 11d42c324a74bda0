import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../../src/plugin.ts';
import { courseOf, type LossHistory, NO_LOSSES, withLosses } from '../../../src/train/stopping/overfitting.ts';

type Course = (evaluation: number) => number;

/** Looks at so many evaluations. @returns the evaluation at which overfitting opened, and what was known then. */
function watch(count: number, validation: Course, training: Course = (i) => 1 / i) {
  let history: LossHistory = NO_LOSSES;
  for (let i = 1; i <= count; i++) {
    history = withLosses(history, { step: i, training: training(i), validation: validation(i) });
    if (history.overfits) return { opened: i, history };
  }
  return { opened: undefined, history };
}

/** Noise of this deviation, the same for the same seed (the sum of twelve uniform draws is nearly normal). */
function noisy(seed: number, deviation: number, course: Course): Course {
  const random = new RandomStream(seed, 'noise');
  const normal = () => Array.from({ length: 12 }, () => random.uniform()).reduce((a, b) => a + b, 0) - 6;
  const noise = Array.from({ length: 200 }, () => deviation * normal());
  return (i) => course(i) + noise[i]!;
}

/** Falls, is lowest at the tenth evaluation, and rises again. */
const overfits: Course = (i) => (i < 10 ? 1 + 0.1 * (10 - i) : 1 + 0.2 * (i - 10));

describe('overfitting', () => {
  it('opens where the validation loss rises while the training loss falls, and says from where to where', () => {
    const { opened, history } = watch(30, overfits);
    // The lowest mean of four is that of the evaluations 8 to 11, and as many have to follow.
    expect(opened).toBe(15);
    const { before, now } = courseOf(history);
    expect(before).toEqual({
      step: 11,
      validation: expect.closeTo(1.125),
      training: expect.closeTo((1 / 8 + 1 / 9 + 1 / 10 + 1 / 11) / 4),
    });
    expect(now).toEqual({
      step: 15,
      validation: expect.closeTo(1.7),
      training: expect.closeTo((1 / 12 + 1 / 13 + 1 / 14 + 1 / 15) / 4),
    });
  });

  it('opens for losses of both signs alike', () => {
    expect(
      watch(
        30,
        (i) => overfits(i) - 5,
        (i) => -i,
      ).opened,
    ).toBe(15);
  });

  it('opens under noise, later where the rise is small against it', () => {
    const openings = (rise: number) =>
      Array.from(
        { length: 20 },
        (_, seed) =>
          watch(
            60,
            noisy(seed, 0.1, (i) => 1 + 2 * Math.exp(-i / 3) + rise * Math.max(0, i - 10)),
          ).opened,
      );
    const [quick, slow] = [openings(0.1), openings(0.02)];
    for (const opened of [...quick, ...slow]) expect(opened).toBeGreaterThan(10);
    const median = (values: readonly (number | undefined)[]) => values.map(Number).sort((a, b) => a - b)[10]!;
    expect(median(quick)).toBeLessThan(22);
    expect(median(slow)).toBeGreaterThan(median(quick));
  });

  it('does not open on a plateau, whose noise it takes for noise', () => {
    const openings = Array.from(
      { length: 200 },
      (_, seed) =>
        watch(
          20,
          noisy(seed, 0.1, () => 1),
        ).opened,
    );
    expect(openings.filter((opened) => opened !== undefined).length).toBeLessThan(14);
  });

  it('does not open where both losses rise: that is no overfitting', () => {
    expect(watch(40, overfits, overfits).opened).toBeUndefined();
  });

  it('does not open while the loss falls, however it does', () => {
    const falling = fc.array(fc.double({ noNaN: true, min: 0, max: 10 }), { minLength: 8, maxLength: 40 });
    fc.assert(
      fc.property(falling, (values) => {
        const sorted = [...values].sort((a, b) => b - a);
        expect(watch(sorted.length, (i) => sorted[i - 1]!).opened).toBeUndefined();
      }),
    );
  });

  it('opens once, closes where the loss is as low again, and may open again', () => {
    const course: Course = (i) => (i <= 20 ? overfits(i) : i <= 30 ? 3 - 0.25 * (i - 20) : 0.5 + 0.2 * (i - 30));
    let history: LossHistory = NO_LOSSES;
    const changes: number[] = [];
    for (let i = 1; i <= 45; i++) {
      const before = history.overfits;
      history = withLosses(history, { step: i, training: 1 / i, validation: course(i) });
      if (before !== history.overfits) changes.push(i);
    }
    expect(changes).toHaveLength(3);
    expect(changes[0]).toBe(15);
    // A mean of four is below 1.125 some evaluations after the 28th; the lowest is near the 31st.
    expect(changes[1]).toBeGreaterThan(28);
    expect(changes[1]).toBeLessThan(32);
    expect(changes[2]).toBeGreaterThan(34);
  });

  it('passes over evaluations without a number', () => {
    const holes: Course = (i) => (i === 5 ? Number.NaN : overfits(i));
    expect(watch(30, holes).opened).toBe(15);
    expect(watch(30, overfits, () => Number.NaN).opened).toBeUndefined();
  });

  it('remembers no more than twelve evaluations', () => {
    expect(watch(100, () => 1).history.points).toHaveLength(12);
  });
});
