import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type PlateauOptions, reduceOnPlateau } from '../../src/optimise/index.ts';

interface Recorded {
  readonly options: {
    readonly mode: 'min' | 'max';
    readonly factor: number;
    readonly patience: number;
    readonly threshold?: number;
    readonly cooldown?: number;
    readonly min_lr?: number;
  };
  readonly values: readonly number[];
  readonly factors: readonly number[];
}

/** By PyTorch: schedules.py. */
const { plateau }: { plateau: readonly Recorded[] } = JSON.parse(
  readFileSync(new URL('schedules.json', import.meta.url), 'utf8'),
);

const PAIR = [
  { name: 'a', metric: 'accuracy', higherIsBetter: true },
  { name: 'b', metric: 'loss', higherIsBetter: false },
];
const following = (options: PlateauOptions, tasks = PAIR) => reduceOnPlateau(options).follow!(tasks);
const metrics = (a: number, b: number) => ({ a: { accuracy: a, loss: 9 }, b: { loss: b } });

describe('plateau', () => {
  it.each(plateau)('falls where ReduceLROnPlateau does: $options', ({ options, values, factors }) => {
    const { mode, min_lr: min = 0, ...rule } = options;
    const task = { name: 'a', metric: 'm', higherIsBetter: mode === 'max' };
    for (const perTask of [false, true]) {
      const follower = following({ ...rule, min, perTask }, [task]);
      const seen = values.map((value) => {
        follower.observe({ a: { m: value } });
        return follower.trunk;
      });
      for (const [i, factor] of factors.entries()) expect(seen[i], `evaluation ${i}`).toBeCloseTo(factor, 12);
      expect(follower.tasks).toEqual(perTask ? [seen.at(-1)] : undefined);
    }
  });

  it('judges all tasks together by the mean of their relative changes', () => {
    const follower = following({ patience: 0, factor: 0.5, threshold: 0.01 });
    follower.observe(metrics(0.5, 2));
    // 10 % better and 5 % worse; then, against that, 1 % worse and 2 % better: too little.
    follower.observe(metrics(0.55, 2.1));
    expect(follower.trunk).toBe(1);
    follower.observe(metrics(0.5445, 2.058));
    expect(follower.trunk).toBe(0.5);
  });

  it('gives each task its own factor, and the trunk the highest', () => {
    const follower = following({ patience: 0, factor: 0.5, perTask: true });
    follower.observe(metrics(0.5, 2));
    follower.observe(metrics(0.6, 2));
    expect([follower.trunk, follower.tasks]).toEqual([1, [1, 0.5]]);
    follower.observe(metrics(0.6, 2.5));
    expect([follower.trunk, follower.tasks]).toEqual([0.5, [0.5, 0.25]]);
  });

  it('does not count a metric that is no number, and knows one that was 0', () => {
    const follower = following({ patience: 0, factor: 0.5 });
    follower.observe(metrics(0, Number.NaN));
    follower.observe(metrics(0.1, Number.NaN));
    expect(follower.trunk).toBe(1);
    follower.observe(metrics(0.1, Number.NaN));
    expect(follower.trunk).toBe(0.5);
    follower.observe(metrics(Number.NaN, Number.NaN));
    expect(follower.trunk).toBe(0.25);
  });

  it('goes on from its state, through JSON, as if nothing had been between', () => {
    const options = { patience: 1, factor: 0.5, cooldown: 1, perTask: true };
    const values = [
      metrics(0.5, 2),
      metrics(0.5, 1),
      metrics(0.5, 1),
      metrics(0.5, 1),
      metrics(0.6, 1),
      metrics(0.5, 1),
    ];
    const whole = following(options);
    for (const cut of values.keys()) {
      const first = following(options);
      for (const value of values.slice(0, cut)) first.observe(value);
      const second = following(options);
      second.restore(JSON.parse(JSON.stringify(first.state())));
      for (const value of values.slice(cut)) second.observe(value);
      if (cut === 0) for (const value of values) whole.observe(value);
      expect(second.tasks).toEqual(whole.tasks);
    }
    expect(whole.tasks).toEqual([0.5, 0.5]);
  });
});
