import { describe, expect, it } from 'vitest';
import { deltaM } from '../../src/analysis/delta-m.ts';
import { golden } from '../golden.ts';

interface Case {
  readonly id: string;
  readonly inputs: { readonly baseline: number[]; readonly multi_task: number[]; readonly higher_is_better: boolean[] };
  readonly value: number;
}

describe('deltaM', () => {
  it('has the value from outside', () => {
    const { inputs, value } = golden<{ cases: Case[] }>('metrics').cases.find(({ id }) => id === 'delta_m')!;
    const tasks = inputs.baseline.map((baseline, i) => ({
      baseline,
      multiTask: inputs.multi_task[i]!,
      higherIsBetter: inputs.higher_is_better[i]!,
    }));
    expect(deltaM(tasks)).toBeCloseTo(value, 10);
  });

  it('refuses what it cannot compare', () => {
    expect(() => deltaM([])).toThrow('deltaM: expected at least one task, received none.');
    for (const baseline of [0, Number.NaN]) {
      expect(() => deltaM([{ baseline, multiTask: 1, higherIsBetter: true }])).toThrow(
        `deltaM: a relative change needs finite metrics and a baseline other than 0, received ${baseline} and 1.`,
      );
    }
  });
});
