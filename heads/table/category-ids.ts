import { BanyanError } from 'banyan-ml';
import { assertCells, type Columns, columnNames } from './column-names.ts';

/** A cell that is undefined or null is missing. */
export type CategoryCell = string | undefined | null;

// A column's cell that is missing, and one that no list has, come before the categories.
const [MISSING, UNKNOWN] = [0, 1];
/** The first categories' ids of all columns come after so many of each. */
export const LACKS = 2;

/** Settings of `categoryStem` by which rows become ids. */
export interface CategoryIdsSettings {
  readonly columns: Columns;
  readonly categories: readonly (readonly string[])[];
}

/** Makes what gives the ids of a row: first those of what is lacking, two for each column, then those of all categories. */
export function categoryIds(settings: CategoryIdsSettings, task: string): (row: readonly CategoryCell[]) => Int32Array {
  const columns = columnNames(settings.columns);
  const lists = settings.categories;
  const places = lists.map((list) => new Map(list.map((category, i) => [category, i])));
  const starts = lists.map((_, column) => lists.slice(0, column).reduce((sum, list) => sum + list.length, 0));
  const idOf = (cell: CategoryCell, column: number): number => {
    if (cell === undefined || cell === null) return LACKS * column + MISSING;
    if (typeof cell !== 'string') throw noText(task, columns.nameOf(column), cell);
    const place = places[column]!.get(cell);
    return place === undefined ? LACKS * column + UNKNOWN : LACKS * columns.count + starts[column]! + place;
  };
  return (row) => {
    assertCells(task, columns, row);
    return Int32Array.from(row, idOf);
  };
}

function noText(task: string, column: string, received: unknown): BanyanError {
  return new BanyanError(
    'data',
    `Task "${task}": expected a category, a text, in ${column}, received ${JSON.stringify(received)}. Write it as a text, or give undefined where it is missing.`,
  );
}
