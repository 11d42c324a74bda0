/** A cell is text from CSV, and whatever JSON or Parquet holds otherwise; `null` says that it is missing (an empty field, JSON's null, an absent key). */
export type Cell = string | number | boolean | null | readonly Cell[] | { readonly [key: string]: Cell };

/** A row has a cell for each column of its table. */
export interface TableRow {
  /** It says for people where the row stands: `houses.csv, line 7`. */
  readonly place: string;
  readonly values: Readonly<Record<string, Cell>>;
}

/** A row was left out, since it cannot be read. */
export interface SkippedRow {
  readonly place: string;
  readonly reason: string;
}

/** A table is a file of rows, or a folder of files, read row by row in any order and never whole into memory. */
export interface Table {
  readonly path: string;
  readonly columns: readonly string[];
  /** It has so many rows, without those that were skipped. */
  readonly count: number;
  /** These rows were left out, at most as many as `onBadRow` permits. */
  readonly skipped: readonly SkippedRow[];
  /**
   * Reads rows by their numbers, from 0, in this order; a number may come twice.
   * @throws BanyanError `argument` for a number that no row has and for a table that was closed; `data` where the file has
   * changed since it was opened.
   */
  rows(indices: readonly number[]): Promise<readonly TableRow[]>;
  /** Gives all rows in the file's order, some hundred in memory at a time. @throws BanyanError as `rows`. */
  scan(): AsyncIterable<TableRow>;
  /** Closes the files behind the table. Closing twice is no error. */
  close(): Promise<void>;
}

/** What a file of rows holds, as the ending of its name says: `.csv`, `.tsv` or `.tab`, `.jsonl` or `.ndjson`, `.parquet`. */
export type TableFormat = 'csv' | 'tsv' | 'jsonl' | 'parquet';

export interface TableOptions {
  /** Rows that cannot be read are an error, or so many of them are left out and listed in `skipped`. Default `fail`. */
  readonly onBadRow?: 'fail' | { readonly skip: number };
  /** How rows are written in the file. Default: what its ending says. */
  readonly format?: TableFormat;
  /** This one ASCII character stands between the fields of CSV. Default: a comma, in TSV a tab. */
  readonly delimiter?: string;
  /** The names of the columns of CSV without a header: its first line is a row as all others are. Default: the first line names them. */
  readonly columns?: readonly string[];
  /** Whether quotes stand around fields of CSV. With `false` they are text as any other, and each line is a row. Default true. */
  readonly quotes?: boolean;
  /** It ends the making of the index, which is then made from the start the next time. */
  readonly signal?: AbortSignal;
  /** It is called while the index is made, with the part that is done, from 0 to 1; not where the index is there already. */
  readonly onProgress?: (fraction: number) => void;
}
