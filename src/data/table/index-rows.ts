import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { BanyanError } from '../../error.ts';
import { showBytes } from '../../show.ts';
import { encodingFault, isUtf8SoFar, markLength, otherEncoding } from './encoding.ts';
import type { RecordSpan, RowFormat } from './row-format.ts';
import type { IndexWriter } from './row-index.ts';

/** Bytes that are read at once. */
const PIECE = 1_048_576;
/** The longest row, in bytes. A quote that is not closed would else take the rest of the file into memory. */
const MOST_ROW = 16 * PIECE;

/** A file of rows, while its index is made. */
export interface RowFile {
  readonly file: FileHandle;
  readonly size: number;
  readonly format: RowFormat;
  /** Names a line of it to people. */
  place(line: number): string;
}

export interface IndexOptions {
  /** Is told a row that cannot be read: its line, and `expected …, received …`. It throws for one too many. */
  badRow(line: number, reason: string): void;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/**
 * Goes over a file once and writes where each row lies, with a megabyte of the file in memory. It gives the columns.
 * @throws BanyanError `data` for text that is not UTF-8, a file without rows, and a row too many that cannot be read.
 */
export async function indexRows(rows: RowFile, index: IndexWriter, options: IndexOptions): Promise<readonly string[]> {
  const { file, size, format, place } = rows;
  const { badRow, signal, onProgress } = options;
  let line = 1;
  const pass = format.pass((fault, mend) => {
    throw new BanyanError('data', `${place(line)}: ${fault}. ${mend}`);
  });
  let buffer: Buffer = Buffer.allocUnsafe(2 * PIECE);
  // The buffer's bytes from `start` to `filled` are those of the file from `offset`.
  let [start, filled, offset] = [0, 0, 0];
  for (let isLast = false, isFirst = true; !isLast; isFirst = false) {
    signal?.throwIfAborted();
    buffer.copyWithin(0, start, filled);
    [start, filled] = [0, filled - start];
    if (buffer.length - filled < PIECE) buffer = grown(buffer, filled);
    const { bytesRead } = await file.read(buffer, filled, PIECE, offset + filled);
    filled += bytesRead;
    isLast = bytesRead === 0 || offset + filled >= size;
    const bytes = buffer.subarray(0, filled);
    if (isFirst) {
      const encoding = otherEncoding(bytes);
      if (encoding !== undefined) fail(`expected UTF-8 text, received ${encoding}`, 'Save the file as UTF-8.');
      start = markLength(bytes);
      offset = start;
    }
    const isClean = isLast ? isUtf8(bytes) : isUtf8SoFar(bytes);
    for (;;) {
      if (start === filled) break;
      const isLong = filled - start > MOST_ROW;
      let record = pass.next(bytes, start, isLast || isLong);
      if (record === undefined) break;
      if (record.end - start > MOST_ROW) {
        fail(
          `expected rows of at most ${showBytes(MOST_ROW)}, received a longer one`,
          'Split the row, or keep what is large in files of its own.',
        );
      }
      if (!isClean) record = encoded(record, bytes.subarray(start, record.end), offset);
      if (record.fault !== undefined) {
        if (!record.isRow) fail(record.fault, 'Save the file as UTF-8.');
        badRow(line, record.fault);
      } else if (record.isRow && index.add(offset, record.end - start, line)) await index.flush();
      line += record.lines;
      offset += record.end - start;
      start = record.end;
    }
    onProgress?.(size === 0 ? 1 : offset / size);
  }
  await index.flush();
  const columns = pass.columns();
  if (index.count === 0) fail('expected rows, received the end of the file', 'Fetch the file again.');
  return columns;

  function fail(fault: string, mend: string): never {
    throw new BanyanError('data', `${place(line)}: ${fault}. ${mend}`);
  }
}

function grown(buffer: Buffer, filled: number): Buffer {
  const larger = Buffer.allocUnsafe(2 * buffer.length);
  buffer.copy(larger, 0, 0, filled);
  return larger;
}

/** The record, with a fault where it is not UTF-8. */
const encoded = (record: RecordSpan, bytes: Buffer, offset: number): RecordSpan =>
  isUtf8(bytes) ? record : { ...record, fault: encodingFault(bytes, offset) };
