import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitByRule, splitNamed } from '../../src/fields/split.ts';
import type { Split } from '../../src/index.ts';

const counts = (splitOf: (index: number) => Split, rows: number) => {
  const found = { training: 0, validation: 0, test: 0 };
  for (let index = 0; index < rows; index++) found[splitOf(index)]++;
  return found;
};

describe('a split by rule', () => {
  it('takes every N-th row, the first one included', () => {
    const splitOf = splitByRule({ test: { every: 5 }, validation: 0, seed: 0 }, 12);
    expect(Array.from({ length: 12 }, (_, i) => splitOf(i) === 'test')).toEqual(
      Array.from({ length: 12 }, (_, i) => i % 5 === 0),
    );
  });

  it('takes as many test rows as were said, and validation rows of the others', () => {
    expect(counts(splitByRule({ test: 0.2, validation: 0, seed: 1 }, 1000), 1000)).toEqual({
      training: 800,
      validation: 0,
      test: 200,
    });
    const { validation } = counts(splitByRule({ test: 0.5, validation: 0.2, seed: 1 }, 10_000), 10_000);
    // A tenth of all: half of the draw falls on test rows. Five deviations of a binomial draw are 160.
    expect(Math.abs(validation - 1000)).toBeLessThan(160);
  });

  it('is the same for the same seed, and another one for another', () => {
    const rule = fc.record({ test: fc.double({ min: 0.1, max: 0.4, noNaN: true }), seed: fc.nat(1e6) });
    fc.assert(
      fc.property(rule, ({ test, seed }) => {
        const splits = (seed: number) => {
          const splitOf = splitByRule({ test, validation: 0.1, seed }, 200);
          return Array.from({ length: 200 }, (_, i) => splitOf(i)).join();
        };
        expect(splits(seed)).toBe(splits(seed));
        expect(splits(seed)).not.toBe(splits(seed + 7));
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
