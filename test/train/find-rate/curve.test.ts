import { describe, expect, it } from 'vitest';
import { RateRecorder } from '../../../src/train/find-rate/curve.ts';

const exponential = (from: number, to: number, steps: number) =>
  Array.from({ length: steps }, (_, i) => from * (to / from) ** (i / (steps - 1)));

/** A loss that falls around a rate, and rises after another. */
const lossAt = (rate: number) => 2 - 1.5 / (1 + (1e-3 / rate) ** 1.5) + (rate / 0.3) ** 2;

function record(steps: number, loss = lossAt) {
  const recorder = new RateRecorder({ a: 1 }, steps);
  for (const rate of exponential(1e-7, 10, steps)) {
    recorder.add(rate, { a: loss(rate) });
    if (recorder.risen) break;
  }
  return recorder.curve(false);
}

const EXPECTED = {
  length: 92,
  first: 1.999998500001611,
  at60: 1.5853530644351088,
  last: 5.122711555580683,
  steep: 0.004037017258596558,
  minimum: 0.02420128264794383,
};

describe('the curve of a range test', () => {
  // By numpy and torch.lerp, after the rules of fast.ai's Recorder and of its minimum():
  //   val = lerp(loss, val, 0.98); smooth = val / (1 - 0.98 ** n); end where smooth > 4 best;
  //   lrs, losses = lrs[n // 10:-5], losses[n // 10:-5]; lrs[losses.argmin()] / 10
  // The slope is numpy's polyfit(log(lrs[i - 5:i + 6]), losses[i - 5:i + 6], 1)[0], where it is least.
  it('is smoothed, ended and read as by fast.ai, with slopes over a tenth of the steps', () => {
    const { rates, total, losses, end, found } = record(100);
    expect(rates.length).toBe(EXPECTED.length);
    expect(total[0]).toBeCloseTo(EXPECTED.first, 9);
    expect(total[60]).toBeCloseTo(EXPECTED.at60, 9);
    expect(total.at(-1)).toBeCloseTo(EXPECTED.last, 6);
    expect(losses.a).toEqual(total);
    expect(end).toBe('risen');
    expect(found!.steepest).toBeCloseTo(EXPECTED.steep, 9);
    expect(found!.tenthOfLowest).toBeCloseTo(EXPECTED.minimum, 9);
    expect(found!.proposal).toBe(Math.min(found!.steepest, found!.tenthOfLowest));
  });

  it('ends where all steps are made, and not for losses below 0', () => {
    const { end, rates, found } = record(50, (rate) => -1 - rate);
    expect([end, rates.length]).toEqual(['steps', 50]);
    expect(found).toBeDefined();
  });

  it('proposes nothing of a loss that rises at once', () => {
    const { end, rates, found } = record(100, (rate) => (rate > 1.5e-7 ? 1000 : 1));
    expect(end).toBe('risen');
    expect(rates.length).toBeLessThan(10);
    expect(found).toBeUndefined();
  });

  it('weighs the tasks, and goes on from the last loss of one that has no label in a step', () => {
    const recorder = new RateRecorder({ a: 1, b: 0.5, c: 0 }, 10);
    recorder.add(1e-3, { a: 2, b: 4 });
    recorder.add(2e-3, { a: 2 });
    recorder.add(3e-3, { a: 2, b: 4, c: 7 });
    const { losses, total } = recorder.curve(true);
    for (const values of [losses.a!, losses.b!.map((value) => value / 2), total.map((value) => value / 2)])
      for (const value of values) expect(value).toBeCloseTo(2, 12);
    expect(losses.c).toEqual([Number.NaN, Number.NaN, expect.closeTo(7, 12)]);
    expect(recorder.curve(true).end).toBe('diverged');
  });
});
