import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdOutByRule, holdOutFraction, type Partition } from '../../src/data/partition.ts';

function all(partition: Partition) {
  const list = (split: 'training' | 'validation') =>
    Array.from({ length: partition[split] }, (_, i) => partition.at(split, i));
  return { training: list('training'), validation: list('validation') };
}

const covers = (partition: Partition, count: number) => {
  const { training, validation } = all(partition);
  expect([...training, ...validation].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
};

describe('holdOutFraction', () => {
  it('gives splits that are disjoint and cover the set', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 400 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.nat(),
        (count, fraction, seed) => covers(holdOutFraction(count, fraction, seed), count),
      ),
    );
  });

  it('holds out the fraction, and the same examples for the same seed', () => {
    expect(holdOutFraction(1000, 0.1, 3).validation).toBe(100);
    expect(all(holdOutFraction(1000, 0.1, 3))).toEqual(all(holdOutFraction(1000, 0.1, 3)));
    expect(all(holdOutFraction(1000, 0.1, 3))).not.toEqual(all(holdOutFraction(1000, 0.1, 4)));
    expect(holdOutFraction(5, 0, 3).validation).toBe(0);
    expect(holdOutFraction(5, 0.01, 3).validation).toBe(1);
  });

  it('refuses a fraction outside [0, 1) and one that leaves nothing', () => {
    for (const fraction of [-0.1, 1, 2, Number.NaN]) {
      expect(() => holdOutFraction(10, fraction)).toThrow(
        `The part held out for validation must be in [0, 1), received ${fraction}. Give a fraction such as 0.1.`,
      );
    }
    expect(() => holdOutFraction(1, 0.5)).toThrow(/leaves nothing to train on, expected at least one/);
  });
});

describe('holdOutByRule', () => {
  it('gives splits that are disjoint and cover the set, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean()), (held) => {
        const partition = holdOutByRule(held.length, (index) => held[index]!);
        covers(partition, held.length);
        expect(all(partition).validation.every((index) => held[index])).toBe(true);
      }),
    );
  });
});
