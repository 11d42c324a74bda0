import { describe, expect, it } from 'vitest';
// The file itself, not the room: nothing here needs TensorFlow.
import { constantSchedule, warmupCosine } from '../../src/optimise/index.ts';
import { golden } from '../golden.ts';

interface Case {
  readonly base_lr: number;
  readonly hyper: { readonly T_max: number; readonly eta_min: number };
  readonly lr_at_step: readonly number[];
}

describe('schedules', () => {
  it.each(golden<{ schedules: Case[] }>('optimizers').schedules)('falls as CosineAnnealingLR does', (example) => {
    const { base_lr: base, hyper, lr_at_step: rates } = example;
    const schedule = warmupCosine({ warmup: 0, floor: hyper.eta_min / base });
    for (const [i, rate] of rates.entries()) expect(base * schedule.factor(i, hyper.T_max)).toBeCloseTo(rate, 12);
  });

  it('rises in a line over the warm-up while it falls', () => {
    const { factor } = warmupCosine({ warmup: 100 });
    expect(factor(0, 1950)).toBeCloseTo(0.01, 6);
    expect(factor(49, 1950)).toBeCloseTo(0.5 * 0.5 * (1 + Math.cos((Math.PI * 49) / 1950)), 12);
    expect(factor(1949, 1950)).toBeCloseTo(0.5 * (1 + Math.cos((Math.PI * 1949) / 1950)), 12);
    expect(factor(5000, 1950)).toBe(0);
    expect(constantSchedule().factor(3, 10)).toBe(1);
  });

  it('says which number is wrong', () => {
    expect(() => warmupCosine({ warmup: 1.5 })).toThrow(
      'warmupCosine: warmup must be a whole number >= 0, received 1.5. Round it.',
    );
    expect(() => warmupCosine({ warmup: 0, floor: 2 })).toThrow(
      'warmupCosine: floor must be a number from 0 to 1, received 2. Lower it to 1 or less.',
    );
  });
});
