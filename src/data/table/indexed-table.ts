import { closeSync, readSync } from 'node:fs';
import { BanyanError } from '../../error.ts';
import type { RowFormat } from './row-format.ts';
import type { RowEntry, RowIndex } from './row-index.ts';
import { assertUnchanged, type SourceFile } from './source-file.ts';
import type { SkippedRow, Table, TableRow } from './table.ts';

/** At most so many bytes are read at once, unless a row is longer. */
const MOST_READ = 1_048_576;
/** Rows with so many bytes between them are read together: it takes no longer than two readings. */
const GAP = 16_384;
/** `scan` holds so many rows, and no more than `MOST_READ` bytes of them or one row. */
const SCANNED = 256;

export interface IndexedFile {
  readonly source: SourceFile;
  readonly columns: readonly string[];
  readonly count: number;
  readonly skipped: readonly SkippedRow[];
  readonly format: RowFormat;
  readonly index: RowIndex;
  /** The file that the index is of: the user's own, or a copy in the cache. */
  readonly file: number;
  readonly size: number;
  /** The folder of the index. */
  readonly folder: string;
  place(line: number): string;
}

/** A table of which an index says where each row lies. */
export function indexedTable(indexed: IndexedFile): Table {
  const { source, columns, count, skipped, format, index, file, size, place } = indexed;
  const { path } = source;
  let isClosed = false;

  const rows = async (indices: readonly number[]): Promise<readonly TableRow[]> => {
    if (isClosed) {
      throw new BanyanError('argument', `${path} is closed, expected an open table. Open it again to read rows.`);
    }
    for (const row of indices) checkRow(row);
    await assertUnchanged(source);
    const entries = indices.map(index.entry);
    const bytes = readRows(entries);
    for (const [i, { line, offset }] of entries.entries()) {
      if (!format.isRow(bytes[i]!, columns)) throw strayed(line, offset);
    }
    return format.read(bytes, columns).map((values, i) => ({ place: place(entries[i]!.line), values }));
  };

  const checkRow = (row: number): void => {
    if (Number.isInteger(row) && row >= 0 && row < count) return;
    throw new BanyanError(
      'argument',
      `${path} has no row ${row}: expected a whole number from 0 to ${count - 1}. Ask for one of those.`,
    );
  };

  /** The bytes of each row; rows that lie near each other are read together. */
  const readRows = (entries: readonly RowEntry[]): readonly Buffer[] => {
    const bytes = new Array<Buffer>(entries.length);
    for (const run of runsOf(entries)) {
      const { offset } = entries[run[0]!]!;
      // One byte before: it has to end a line.
      const from = Math.max(0, offset - 1);
      const buffer = Buffer.allocUnsafe(endOf(entries[run.at(-1)!]!) - from);
      const bytesRead = readSync(file, buffer, 0, buffer.length, from);
      for (const i of run) {
        const entry = entries[i]!;
        const at = entry.offset - from;
        const isLine = endsLine(buffer, at) && (endOf(entry) === size || endsLine(buffer, at + entry.length));
        if (bytesRead < buffer.length || !isLine) throw strayed(entry.line, entry.offset);
        bytes[i] = buffer.subarray(at, at + entry.length);
      }
    }
    return bytes;
  };

  const strayed = (line: number, offset: number) =>
    new BanyanError(
      'data',
      `${place(line)}: expected a row at byte ${offset}, as the index says, received other bytes. The file was changed in place, or the index is damaged: remove ${indexed.folder}, and open the file again.`,
    );

  return {
    path,
    columns,
    count,
    skipped,
    rows,
    async *scan() {
      for (let next = 0; next < count; ) {
        const indices: number[] = [];
        for (let bytes = 0; next < count && indices.length < SCANNED && bytes < MOST_READ; next++) {
          indices.push(next);
          bytes += index.entry(next).length;
        }
        yield* await rows(indices);
      }
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      index.close();
      closeSync(file);
    },
  };
}

const endOf = ({ offset, length }: RowEntry) => offset + length;

/** Says whether a line may end before this place: at the file's start (after its byte-order mark), or after a line end. */
const endsLine = (buffer: Buffer, at: number): boolean => at === 0 || [0x0a, 0x0d, 0xbf].includes(buffer[at - 1]!);

/** Places in the list, in the order of the file, in runs that are read together. A row that is asked for twice is in one run. */
function runsOf(entries: readonly RowEntry[]): number[][] {
  const order = entries.map((_, i) => i).sort((a, b) => entries[a]!.offset - entries[b]!.offset);
  const runs: number[][] = [];
  for (const i of order) {
    const run = runs.at(-1);
    const isNear =
      run !== undefined &&
      entries[i]!.offset - endOf(entries[run.at(-1)!]!) <= GAP &&
      endOf(entries[i]!) - entries[run[0]!]!.offset <= MOST_READ;
    if (isNear) run.push(i);
    else runs.push([i]);
  }
  return runs;
}
