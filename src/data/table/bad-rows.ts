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

/** @throws BanyanError `data` that names the first row beyond those that may be left out. */
export function checkBadRows(bad: readonly SkippedRow[], most: number): void {
  const row = bad[most];
  if (row === undefined) return;
  const mend =
    most === 0
      ? 'Correct the row, or leave out a few such rows with onBadRow: { skip: N }.'
      : `Rows that cannot be read before it: ${most}, as many as onBadRow permits. Correct the rows, or raise skip.`;
  throw new BanyanError('data', `${row.place}: ${row.reason}. ${mend}`);
}
