import { z } from 'zod';
import { count, share } from '../check.ts';
import { permute } from '../random/index.ts';
import type { Split } from '../task/source.ts';

// Sets this shuffle apart from others with the same seed.
const SHUFFLE = 0x6669656c;

const part = z.union(
  [share, z.strictObject({ every: count.describe('takes each N-th row, the first one included') })],
  {
    error: 'a part of the rows from 0 to 1, or { every: N } for each N-th row, the first one included',
  },
);

/** The schema of how the rows of one file are split. */
export const splitSchema = z.union(
  [
    z.strictObject({
      column: z
        .string('the name of a column')
        .describe('a column that says the split of each row: train, validation, test'),
    }),
    z.strictObject({
      test: part.default(0.1).describe('part of the rows that `evaluate` alone reads'),
      validation: part.default(0.1).describe('part of the other rows that is watched while it trains'),
      seed: z.int('a whole number >= 0').min(0).default(0).describe('chooses the rows'),
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

/** The numbers of the rows in each split, in the order of the file. */
export type SplitRows = Readonly<Record<Split, Uint32Array>>;

/** Splits so many rows by rule: test rows of all, validation rows of those that are left. The same for the same seed, wherever it is asked. */
export function splitByRule(
  { test, validation, seed }: { readonly test: Part; readonly validation: Part; readonly seed: number },
  count: number,
): SplitRows {
  const tests = divide(allRows(count), test, seed);
  // By another seed, so that both draws are apart.
  const { taken, left } = divide(tests.left, validation, seed + 1);
  return { training: left, validation: taken, test: tests.taken };
}

/** Gives the numbers of so many rows. */
export const allRows = (count: number): Uint32Array => new Uint32Array(count).map((_, row) => row);

function divide(rows: Uint32Array, part: Part, seed: number) {
  const count = rows.length;
  const many =
    typeof part === 'object'
      ? Math.ceil(count / part.every)
      : part === 0 || count === 0
        ? 0
        : Math.max(1, Math.round(part * count));
  const takes = (place: number) =>
    typeof part === 'object' ? place % part.every === 0 : many > 0 && permute(place, count, seed, SHUFFLE) < many;
  const [taken, left] = [new Uint32Array(many), new Uint32Array(count - many)];
  let [takenRows, leftRows] = [0, 0];
  for (let place = 0; place < count; place++) {
    if (takes(place)) taken[takenRows++] = rows[place]!;
    else left[leftRows++] = rows[place]!;
  }
  return { taken, left };
}
