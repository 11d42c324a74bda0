import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  constantSchedule,
  inverseSqrt,
  multiStep,
  oneCycle,
  reduceOnPlateau,
  type Schedule,
  scheduleKinds,
  stepSchedule,
  warmupCosine,
} from '../../src/optimise/index.ts';
import { golden } from '../golden.ts';

interface Case {
  readonly schedule: 'StepLR' | 'CosineAnnealingLR' | 'ExponentialLR';
  readonly base_lr: number;
  readonly hyper: {
    readonly T_max: number;
    readonly eta_min: number;
    readonly gamma: number;
    readonly step_size: number;
  };
  readonly lr_at_step: readonly number[];
}

/** What each of PyTorch's is here, in a file's words. */
const HERE: Readonly<Record<Case['schedule'], (example: Case) => object>> = {
  StepLR: ({ hyper: { gamma, step_size } }) => ({ kind: 'step', every: step_size, gamma }),
  CosineAnnealingLR: ({ hyper: { eta_min }, base_lr }) => ({ kind: 'cosine', floor: eta_min / base_lr }),
  ExponentialLR: ({ hyper: { gamma } }) => ({ kind: 'exponential', gamma }),
};

interface Recorded {
  readonly kind?: string;
  readonly options: object;
  readonly steps: number;
  readonly rates: readonly number[];
}

/** By PyTorch and transformers: schedules.py. */
const recorded = JSON.parse(readFileSync(new URL('schedules.json', import.meta.url), 'utf8'));
const { meta: _, transformers, plateau: __, ...torch } = recorded;

const factorsOf = (schedule: Schedule, steps: number) =>
  Array.from({ length: steps }, (_, i) => schedule.factor(i, steps));

function expectClose(factors: readonly number[], expected: readonly number[]): void {
  expect(factors.length).toBe(expected.length);
  for (const [i, factor] of factors.entries()) expect(factor, `step ${i}`).toBeCloseTo(expected[i]!, 12);
}

describe('schedules', () => {
  it.each(golden<{ schedules: Case[] }>('optimizers').schedules)('fall as $schedule does', (example) => {
    const { base_lr: base, hyper, lr_at_step: rates } = example;
    const schedule = scheduleKinds.build(HERE[example.schedule](example));
    for (const [i, rate] of rates.entries()) expect(base * schedule.factor(i, hyper.T_max)).toBeCloseTo(rate, 12);
  });

  it.each(Object.entries<Recorded>(torch))('go as in PyTorch: %s', (name, { kind = name, options, steps, rates }) => {
    expectClose(factorsOf(scheduleKinds.build({ kind, ...options }), steps), rates);
  });

  it.each([
    { kind: 'linear', options: { warmup: 4 } },
    { kind: 'cosine', options: { warmup: 4 } },
    { kind: 'polynomial', options: { warmup: 4, power: 3, floor: 0.1 } },
  ])('go on from the end of the warm-up as in transformers: $kind', ({ kind, options }) => {
    const { warmup, steps, [kind]: rates } = transformers;
    const factors = factorsOf(scheduleKinds.build({ kind, ...options }), steps);
    expectClose(factors.slice(warmup), rates.slice(warmup));
    expectClose(factors.slice(0, warmup), [0.25, 0.5, 0.75, 1]);
  });

  it('rises and falls with the inverse square root as in transformers, one update earlier', () => {
    const rates: number[] = transformers['inverse-sqrt'];
    expectClose(factorsOf(inverseSqrt({ warmup: 4 }), rates.length - 1), rates.slice(1));
  });

  it('is that of the transformer paper, equation 3', () => {
    const [width, warmup] = [512, 4000];
    const { factor } = inverseSqrt({ warmup });
    for (const n of [1, 100, 4000, 4001, 100_000]) {
      const rate = width ** -0.5 * Math.min(n ** -0.5, n * warmup ** -1.5);
      expect((width * warmup) ** -0.5 * factor(n - 1, 1)).toBeCloseTo(rate, 15);
    }
  });

  it('rises in a line over the warm-up while the cosine of warmup-cosine falls', () => {
    const { factor } = warmupCosine({ warmup: 100 });
    expect(factor(0, 1950)).toBeCloseTo(0.01, 6);
    expect(factor(49, 1950)).toBeCloseTo(0.5 * 0.5 * (1 + Math.cos((Math.PI * 49) / 1950)), 12);
    expect(factor(1949, 1950)).toBeCloseTo(0.5 * (1 + Math.cos((Math.PI * 1949) / 1950)), 12);
    expect(factor(5000, 1950)).toBe(0);
    expect(constantSchedule().factor(3, 10)).toBe(1);
  });

  const each = scheduleKinds.kinds().filter(({ kind }) => kind !== 'plateau');
  const needed: Readonly<Record<string, object>> = {
    exponential: { gamma: 0.99 },
    'inverse-sqrt': { warmup: 3 },
    'multi-step': { milestones: [5] },
    step: { every: 7 },
    'warmup-cosine': { warmup: 2 },
  };

  it.each(each)('stays from 0 to 1, after the last step too: $kind', ({ kind }) => {
    const schedule = scheduleKinds.build({ kind, ...needed[kind] });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 1000 }), (steps, step) => {
        const factor = schedule.factor(step, steps);
        return factor >= 0 && factor <= 1;
      }),
      { seed: 7 },
    );
  });

  it.each(each)('says for a checkpoint what builds it again: $kind', ({ kind }) => {
    const schedule = scheduleKinds.build({ kind, ...needed[kind] });
    const again = scheduleKinds.build(JSON.parse(JSON.stringify(schedule.config)));
    expect(again.config).toEqual(schedule.config);
    expect(again.kind).toBe(kind);
    expect(factorsOf(again, 40)).toEqual(factorsOf(schedule, 40));
  });

  it('is at its end from the first step where there is one alone', () => {
    expect(oneCycle().factor(0, 1)).toBeCloseTo(1 / 25 / 1e4, 12);
    expect(oneCycle({ rise: 0 }).factor(0, 100)).toBe(1);
  });

  it('says which number is wrong', () => {
    expect(() => warmupCosine({ warmup: 1.5 })).toThrow(
      'warmupCosine: warmup must be a whole number >= 0, received 1.5. Round it.',
    );
    expect(() => warmupCosine({ warmup: 0, floor: 2 })).toThrow(
      'warmupCosine: floor must be a number from 0 to 1, received 2. Lower it to 1 or less.',
    );
    expect(() => multiStep({ milestones: [] })).toThrow(
      'multiStep: milestones must be a list of numbers of steps, received []. Put 1 or more into it.',
    );
    expect(() => stepSchedule({ every: 10, gamma: 2 })).toThrow('stepSchedule: gamma must be a number');
    expect(() => oneCycle({ rise: 0.6, threePhases: true })).toThrow(
      'oneCycle: rise must be at most 0.5 where there are three phases, received 0.6. Lower it, or leave threePhases out.',
    );
    expect(() => reduceOnPlateau({ factor: 1 })).toThrow('reduceOnPlateau: factor must be a number > 0 and < 1');
  });
});
