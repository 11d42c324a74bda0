import type { Cell } from 'banyan-ml/data';
import { type CellPlace, type ColumnSample, cellFault, type Fit } from 'banyan-ml/plugin';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Gives the number that a cell is, or is the text of; undefined for any other. */
export function numberIn(cell: Cell): number | undefined {
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : undefined;
  if (typeof cell !== 'string') return undefined;
  const text = cell.trim();
  return NUMBER.test(text) ? Number(text) : undefined;
}

/** Gives the number of a cell; undefined where it is missing. @throws BanyanError `data` for one that is no number. */
export function readNumber(cell: Cell, place: CellPlace, column = 0): number | undefined {
  if (cell === null) return undefined;
  const number = numberIn(cell);
  if (number !== undefined) return number;
  throw cellFault(
    place,
    'a number',
    cell,
    typeof cell === 'string' && cell.length < 10
      ? `Correct the cell, say \`missing: [${JSON.stringify(cell)}]\` in \`data\` if it stands for a missing one, or take another kind.`
      : 'Correct the cell, or take another kind.',
    column,
  );
}

/** Gives a cell as a word; undefined where it is missing. @throws BanyanError `data` for a list or an object. */
export function readWord(cell: Cell, place: CellPlace, column = 0): string | undefined {
  if (cell === null) return undefined;
  if (typeof cell !== 'object') return String(cell);
  throw cellFault(place, 'a word or a number', cell, 'Correct the cell, or take another kind.', column);
}

/** What part of the cells has to be numbers for a column of numbers; the others are then told as errors, not read as words. */
const MOSTLY = 0.8;

/** Says why a column is one of numbers; undefined where it is not. */
export function fitsNumbers({ cells }: ColumnSample): Fit | undefined {
  const others = cells.filter((cell) => numberIn(cell) === undefined).length;
  if (others > (1 - MOSTLY) * cells.length) return undefined;
  return { weight: 0.9, because: others === 0 ? 'numbers' : `numbers, but for ${others} of ${cells.length} cells` };
}

/** Whether there are words of which each stands in two rows or more in the mean. */
export const repeats = ({ cells, distinct }: { readonly cells: readonly unknown[]; readonly distinct: number }) =>
  distinct <= cells.length / 2;

/** Sorts words: numbers by their size, other words by their letters. */
export function sortWords(words: Iterable<string>): string[] {
  const list = [...words];
  const numbers = list.every((word) => numberIn(word) !== undefined);
  return list.sort((a, b) => (numbers ? Number(a) - Number(b) : 0) || (a < b ? -1 : a > b ? 1 : 0));
}
