import type { Cell, TableRow } from '../data/index.ts';
import { BanyanError } from '../error.ts';
import type { Bindings, Family } from '../kind/index.ts';
import type { ColumnSample, Fit } from './field.ts';

/** A kind that was guessed, and why. */
export interface Guess {
  readonly kind: string;
  readonly because: string;
}

/** What some rows show of a column. */
export function sampleOf(column: string, rows: readonly TableRow[]): ColumnSample {
  const cells = rows.map(({ values }) => values[column] ?? null).filter((cell) => cell !== null);
  return { column, cells, distinct: new Set(cells.map(textOf)).size };
}

/** A cell as a text, by which equal ones are found. */
export const textOf = (cell: Cell): string => (typeof cell === 'object' ? JSON.stringify(cell) : String(cell));

/**
 * Guesses the kind of a column: the one that says it fits best with its default options.
 * @param what `input` or `target`, for the error.
 * @throws BanyanError `data` where none fits.
 */
export function guessKind(
  family: Family<{ fits(sample: ColumnSample): Fit | undefined }>,
  sample: ColumnSample,
  where: string,
  bindings?: Bindings,
): Guess {
  if (sample.cells.length === 0) {
    throw new BanyanError(
      'data',
      `${where}: column "${sample.column}" is empty in all training rows that were looked at. Expected cells of which its kind can be told. Say \`kind\`, or leave the column out.`,
    );
  }
  const fits = family.kinds(bindings).flatMap(({ kind }) => {
    const fit = family.build({ kind }, bindings).fits(sample);
    return fit === undefined ? [] : [{ kind, ...fit }];
  });
  const best = fits.reduce((a, b) => (b.weight > a.weight ? b : a), { kind: '', weight: 0, because: '' });
  if (best.weight > 0) return { kind: best.kind, because: best.because };
  const names = family.kinds(bindings).map(({ kind }) => kind);
  throw new BanyanError(
    'data',
    `${where}: the kind of column "${sample.column}" cannot be told from cells such as ${JSON.stringify(sample.cells[0])}. Expected one of: ${names.join(', ')}. Say \`kind\`.`,
  );
}
