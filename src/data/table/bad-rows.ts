import { BanyanError } from '../../error.ts';
import type { SkippedRow, TableOptions } from './table.ts';

/** So many rows that cannot be read are left out. @throws BanyanError `argument` for a number that is none. */
export function mostBadRows({ onBadRow = 'fail' }: TableOptions): number {
  const most = onBadRow === 'fail' ? 0 : onBadRow.skip;
  if (Number.isSafeInteger(most) && most >= 0) return most;
  throw new BanyanError(
    'argument',
    `onBadRow: expected "fail", or { skip: N } with a whole number N >= 0, received skip ${most}. Give such a number.`,
  );
}

/**
 * @param hint what the file may be in place of damaged.
 * @returns BanyanError `data` that names a row that cannot be read, after as many as may be left out.
 */
export function badRowError({ place, reason }: SkippedRow, most: number, hint?: string): BanyanError {
  const mend =
    most === 0
      ? 'Correct the row, or leave out a few such rows with onBadRow: { skip: N }.'
      : `Rows that cannot be read before it: ${most}, as many as onBadRow permits. Correct the rows, or raise skip.`;
  return new BanyanError('data', `${place}: ${reason}. ${mend}${hint === undefined ? '' : ` ${hint}`}`);
}
