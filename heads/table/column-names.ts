import { BanyanError } from 'banyan-ml';

/** The columns of a table: so many, or their names. */
export type Columns = number | readonly string[];

/** What stems call their columns in errors and displays. */
export interface NamedColumns {
  readonly count: number;
  readonly nameOf: (column: number) => string;
  /** The name alone, as a picture's axis has it. */
  readonly titleOf: (column: number) => string;
  /** What a stem's settings say of them. */
  readonly setting: number | readonly string[];
}

/** Names the columns, by what a stem's settings say of them. */
export function columnNames(columns: Columns): NamedColumns {
  if (typeof columns === 'number') {
    const nameOf = (column: number) => `column ${column}`;
    return { count: columns, nameOf, titleOf: nameOf, setting: columns };
  }
  return {
    count: columns.length,
    nameOf: (column) => `column "${columns[column]}"`,
    titleOf: (column) => columns[column]!,
    setting: columns,
  };
}

/**
 * Checks that a raw example has a cell for each column.
 * @throws BanyanError `shape` that says how many there are.
 */
export function assertCells(task: string, columns: NamedColumns, row: { readonly length: number }): void {
  if (row.length === columns.count) return;
  throw new BanyanError(
    'shape',
    `Task "${task}": a row has ${row.length} cells, expected ${columns.count}, one for each column of its stem. Give undefined for a cell that is missing.`,
  );
}
