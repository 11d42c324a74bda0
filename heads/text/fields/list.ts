import type { Cell } from 'banyan-ml/data';
import { type CellPlace, cellFault } from 'banyan-ml/plugin';

/** Gives the words of a cell: of a list, or of a text with spaces between them. @throws BanyanError `data` for any other cell. */
export function wordsIn(cell: Exclude<Cell, null>, place: CellPlace): readonly string[] {
  if (typeof cell === 'string') return cell.split(/\s+/).filter((word) => word !== '');
  if (Array.isArray(cell) && cell.every((word) => typeof word === 'string')) return cell as readonly string[];
  throw cellFault(place, 'a list of words, or a text with spaces between them', cell, 'Write it so.');
}
