import { resolve } from 'node:path';
import type { Cell } from '../data/index.ts';
import { cellFault } from './cell-fault.ts';
import type { CellPlace } from './field.ts';

/**
 * Gives the path of the file that a cell names. `what`: such as `picture`.
 * @throws BanyanError `data` for any other cell, and for all of a row that may name no file.
 */
export function cellPath(cell: Cell, place: CellPlace, what: string): string {
  if (typeof cell !== 'string')
    throw cellFault(place, `the path of a ${what}`, cell, 'Fill the cell, or leave the row out.');
  if (place.folder !== undefined) return resolve(place.folder, cell);
  throw cellFault(
    place,
    `none, since a row from elsewhere may name no ${what} of this machine`,
    cell,
    'Predict it by `banyan predict` where the file is.',
  );
}
