import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeWhole } from '../../files/durable.ts';
import { fileError } from '../../files/file-error.ts';
import { roomLeft } from '../../files/space-left.ts';

/** Rows that are kept at most while they cannot be written. */
const MOST_KEPT = 100_000;

export type Row = Readonly<Record<string, number | undefined>>;

/**
 * A table in a file, whose first column is the step. Its columns are those of the file where it is there, then those of its rows, in
 * the order in which they come up. Each row is written at once; one that cannot be is kept, and written with a later one.
 */
export class CsvFile {
  readonly #path: string;
  #columns: readonly string[] = [];
  /** Whether the file's header lacks some of the columns. */
  #isNarrow = false;
  #waiting: Row[] = [];
  /** Rows after this step are still to be taken out. */
  #after: number | undefined;
  /** Bytes of whole rows. */
  #size = 0;
  #warned = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Takes out what was done after a step, and a row that was not written whole; after step 0 the file begins anew. */
  keepUpTo(step: number): void {
    this.#after = step;
    this.#try(() => this.#begin());
  }

  add(row: Row): void {
    const columns = [...new Set([...this.#columns, ...Object.keys(row)])];
    if (columns.length > this.#columns.length) this.#isNarrow = true;
    this.#columns = columns;
    this.#waiting.push(row);
    if (this.#waiting.length > MOST_KEPT) this.#waiting.shift();
    this.#try(() => {
      // Until it is known which rows stay, none is written, and none is taken away.
      this.#begin();
      if (this.#warned) this.#cut();
      if (this.#isNarrow) this.#widen();
      const rows = this.#waiting.map((row) => this.#columns.map((column) => row[column] ?? '').join(','));
      const text = `${rows.join('\n')}\n`;
      appendFileSync(this.#path, text);
      this.#size += Buffer.byteLength(text);
      this.#waiting = [];
      this.#warned = false;
    });
  }

  /** Makes the file what it is to go on from, once. */
  #begin(): void {
    if (this.#after === 0) rmSync(this.#path, { force: true });
    else if (this.#after !== undefined) {
      const after = this.#after;
      const [header, ...rows] = linesOf(this.#path);
      if (header !== undefined) {
        const kept = `${[header, ...rows.filter((row) => Number.parseInt(row, 10) <= after)].join('\n')}\n`;
        writeWhole(this.#path, kept);
        this.#size = Buffer.byteLength(kept);
        const columns = cellsOf(header);
        this.#columns = [...new Set([...columns, ...this.#columns])];
        this.#isNarrow = this.#columns.length > columns.length;
      }
    }
    this.#after = undefined;
  }

  /** Writes the header with all columns; earlier rows have empty cells in the new ones. */
  #widen(): void {
    const [header, ...rows] = linesOf(this.#path);
    this.#columns = [...new Set([...(header === undefined ? [] : cellsOf(header)), ...this.#columns])];
    const wide = rows.map((row) => row + ','.repeat(Math.max(0, this.#columns.length - row.split(',').length)));
    const text = `${[this.#columns.map(quoted).join(','), ...wide].join('\n')}\n`;
    writeWhole(this.#path, text);
    this.#size = Buffer.byteLength(text);
    this.#isNarrow = false;
  }

  /** Takes away the part of a row that a failed attempt has left. */
  #cut(): void {
    const { size } = statSync(this.#path, { throwIfNoEntry: false }) ?? { size: 0 };
    if (size > this.#size) truncateSync(this.#path, this.#size);
    else this.#size = size;
  }

  #try(work: () => void): void {
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      work();
    } catch (cause) {
      if (this.#warned) return;
      this.#warned = true;
      const { message } = fileError('experiment', this.#path, 'written', cause) as Error;
      process.emitWarning(
        `${message}${roomLeft(this.#path)} The training goes on; its rows are kept, and written as soon as that works again.`,
        'BanyanWarning',
      );
    }
  }
}

/** Lines that were written whole. */
function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(0, -1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** As RFC 4180 has it. */
const quoted = (cell: string): string => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

const cellsOf = (line: string): readonly string[] =>
  Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g), ([, inner, plain]) =>
    inner === undefined ? plain! : inner.replaceAll('""', '"'),
  );
