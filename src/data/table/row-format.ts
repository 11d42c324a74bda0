import type { Cell } from './table.ts';

/** A record is a piece of a file from one place to another: a row, or nothing (a header, a blank line). */
export interface RecordSpan {
  /** The place after its last byte, its line end counted. */
  readonly end: number;
  /** It goes over so many lines. */
  readonly lines: number;
  readonly isRow: boolean;
  /** Why the row cannot be read: `expected …, received …`. */
  readonly fault?: string;
}

/** Tells that a file cannot be read at all, at the record that was looked at last: `expected …, received …`, and the mend. */
export type FailFile = (fault: string, mend: string, cause?: unknown) => never;

/** One pass over a file, record by record in the file's order. */
export interface RowPass {
  /** Finds the record that begins at `start`; undefined where it may go on after these bytes. `isLast`: no bytes come after them. */
  next(bytes: Buffer, start: number, isLast: boolean): RecordSpan | undefined;
  /** Gives the columns, once the pass is over. */
  columns(): readonly string[];
}

/** How rows lie in files of a kind. */
export interface RowFormat {
  /** Options that change where rows are. An index is made anew for others. */
  readonly key: string;
  /** Says what the file may be in place of damaged, given why a row cannot be read. */
  hint?(fault: string): string | undefined;
  pass(fail: FailFile): RowPass;
  /** Says whether these bytes are one whole row. */
  isRow(bytes: Buffer, columns: readonly string[]): boolean;
  /** Gives the cells of rows, each the bytes of one. */
  read(rows: readonly Buffer[], columns: readonly string[]): readonly Readonly<Record<string, Cell>>[];
}
