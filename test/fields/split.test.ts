import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitByRule, splitNamed } from '../../src/fields/split.ts';
import type { Split } from '../../src/index.ts';

const counts = (splits: Readonly<Record<Split, ArrayLike<number>>>) =>
  Object.fromEntries(Object.entries(splits).map(([split, rows]) => [split, rows.length]));

describe('a split by rule', () => {
  it('takes every N-th row, the first one included', () => {
    const { test, training } = splitByRule({ test: { every: 5 }, validation: 0, seed: 0 }, 12);
    expect([...test]).toEqual([0, 5, 10]);
    expect([...training]).toEqual([1, 2, 3, 4, 6, 7, 8, 9, 11]);
  });

  it('takes as many test rows as were said, and validation rows of those that are left', () => {
    expect(counts(splitByRule({ test: 0.2, validation: 0.1, seed: 1 }, 1000))).toEqual({
      training: 720,
      validation: 80,
      test: 200,
    });
    const { validation } = splitByRule({ test: { every: 2 }, validation: { every: 4 }, seed: 0 }, 16);
    expect([...validation]).toEqual([1, 9]);
  });

  it('has each row once, the same rows for the same seed, and others for another', () => {
    const part = fc.double({ min: 0.1, max: 0.4, noNaN: true });
    fc.assert(
      fc.property(part, part, fc.nat(1e6), (test, validation, seed) => {
        const splits = splitByRule({ test, validation, seed }, 200);
        const all = [...splits.training, ...splits.validation, ...splits.test];
        expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
        expect(splitByRule({ test, validation, seed }, 200)).toEqual(splits);
        expect(splitByRule({ test, validation, seed: seed + 7 }, 200)).not.toEqual(splits);
      }),
      { numRuns: 25 },
    );
  });
});

describe('a column that splits', () => {
  it('says the split in one of the usual words', () => {
    expect(['train', ' Test', 'DEV', 'val', 'validation'].map(splitNamed)).toEqual([
      'training',
      'test',
      'validation',
      'validation',
      'validation',
    ]);
    expect(splitNamed('hold-out')).toBeUndefined();
    expect(splitNamed(null)).toBeUndefined();
  });
});
