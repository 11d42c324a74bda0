import { z } from 'zod';
import { count, share } from '../check.ts';
import { permute } from '../random/index.ts';
import type { Split } from '../task/source.ts';

// Sets this shuffle apart from others with the same seed.
const SHUFFLE = 0x6669656c;

const part = z.union([share, z.strictObject({ every: count })], {
  error: 'a part of the rows from 0 to 1, or { every: N } for each N-th row, the first one included',
});

/** The schema of how the rows of one file are split. */
export const splitSchema = z.union(
  [
    z.strictObject({ column: z.string('the name of a column') }),
    z.strictObject({
      test: part.default(0.1).describe('part of the rows that `evaluate` alone reads; default 0.1'),
      validation: part.default(0.1).describe('part of the other rows that is watched while it trains; default 0.1'),
      seed: z.int('a whole number >= 0').min(0).default(0).describe('chooses the rows; default 0'),
    }),
  ],
  { error: 'a section with column, or with test, validation, seed' },
);

/** How the rows of one file are split: by a column that says so, or by rule. */
export type SplitRule = z.output<typeof splitSchema>;

type Part = number | { readonly every: number };

/** The words of a split's column, in lower case. */
const WORDS: Readonly<Record<string, Split>> = {
  train: 'training',
  training: 'training',
  validation: 'validation',
  valid: 'validation',
  val: 'validation',
  dev: 'validation',
  test: 'test',
};

/** Tells the split that a cell names; undefined for another word. */
export const splitNamed = (cell: unknown): Split | undefined =>
  typeof cell === 'string' ? WORDS[cell.trim().toLowerCase()] : undefined;

/** The words that `splitNamed` knows, for an error. */
export const SPLIT_WORDS = Object.keys(WORDS);

/** Makes what tells the split of row `index` of `rows`: the same for the same seed, wherever it is asked. */
export function splitByRule(
  { test, validation, seed }: { readonly test: Part; readonly validation: Part; readonly seed: number },
  rows: number,
): (index: number) => Split {
  const tests = takes(test, rows, seed);
  // Of the rows that are left, so that both parts may be rules of their own; by another seed, so that both draws are apart.
  const validates = takes(validation, rows, seed + 1);
  return (index) => (tests(index) ? 'test' : validates(index) ? 'validation' : 'training');
}

function takes(part: Part, rows: number, seed: number): (index: number) => boolean {
  if (typeof part === 'object') return (index) => index % part.every === 0;
  const taken = part === 0 ? 0 : Math.max(1, Math.round(part * rows));
  return (index) => permute(index, rows, seed, SHUFFLE) < taken;
}
