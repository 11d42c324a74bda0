import { BanyanError } from '../error.ts';
import { show } from '../show.ts';
import type { CellPlace } from './field.ts';

/** Makes the error of a cell that is not of its kind. `expected`: such as `a number`; `mend`: a sentence. */
export function cellFault(
  { row, columns }: CellPlace,
  expected: string,
  cell: unknown,
  mend: string,
  column = 0,
): BanyanError {
  return new BanyanError(
    'data',
    `${row}, column "${columns[column]}": expected ${expected}, received ${show(cell)}. ${mend}`,
  );
}
