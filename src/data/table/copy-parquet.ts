import { type FileHandle, open } from 'node:fs/promises';
import type { FileMetaData, SchemaTree } from 'hyparquet';
import { BanyanError } from '../../error.ts';
import { importPeer } from '../peer.ts';
import type { CopyOptions } from './copy.ts';
import type { SourceFile } from './source-file.ts';
import type { Cell } from './table.ts';

type Hyparquet = typeof import('hyparquet');
type Compressors = typeof import('hyparquet-compressors');

/** Rows of so many unpacked bytes are taken at once, as objects they take several times as much memory; and so many rows. */
const MOST_BYTES = 16_777_216;
const MOST_ROWS = 65_536;

/**
 * Writes the rows of a Parquet file as lines of JSON: a row group has to be unpacked column by column, so single rows cannot be read from
 * it. Dates and times become text (ISO 8601, UTC), NaN is missing as null is; a row that cannot be read leaves an empty line.
 * @throws BanyanError `data` for what is no whole Parquet file; `plugin` where hyparquet or hyparquet-compressors is missing.
 */
export async function copyParquet({ path, size }: SourceFile, target: string, options: CopyOptions): Promise<void> {
  const { signal, onProgress, badRow } = options;
  const need = `Reading ${path}`;
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await importPeer<Hyparquet>('hyparquet', need);
  const { compressors: all } = await importPeer<Compressors>('hyparquet-compressors', need);
  // Its LZ4 does not read a page with nothing in it, as pyarrow writes one.
  const lz4 = (input: Uint8Array, length: number) => (length === 0 ? new Uint8Array() : all.LZ4_RAW!(input, length));
  const compressors = { ...all, LZ4_RAW: lz4 };
  const source = await open(path, 'r');
  const written = await open(target, 'wx').catch(async (cause) => {
    await source.close();
    throw cause;
  });
  try {
    const file = { byteLength: size, slice: (start: number, end = size) => slice(source, start, end) };
    const metadata = await parquetMetadataAsync(file, { geoparquet: false });
    const schema = parquetSchema(metadata);
    checkColumns(metadata, leavesOf(schema));
    const names = schema.children.map(({ element }) => element.name);
    let row = 0;
    for (const group of metadata.row_groups) {
      const count = Number(group.num_rows);
      const pieces = Math.max(1, Math.ceil(Number(group.total_byte_size) / MOST_BYTES));
      const most = Math.min(MOST_ROWS, Math.max(1, Math.ceil(count / pieces)));
      for (const end = row + count; row < end; ) {
        signal?.throwIfAborted();
        const rowEnd = Math.min(end, row + most);
        const range = { rowStart: row, rowEnd, useOffsetIndex: true };
        const rows = await parquetReadObjects({ file, metadata, compressors, parsers, geoparquet: false, ...range });
        const short = names.find((name) => rows.at(-1)![name] === undefined);
        if (short !== undefined) throw new Error(`the column "${short}" ends before its rows do`);
        await written.writeFile(rows.map((values) => lineOf(names, values, () => ++row, badRow)).join(''));
        onProgress?.(row / Number(metadata.num_rows));
      }
    }
  } catch (cause) {
    if (cause instanceof BanyanError || signal?.aborted || (cause as NodeJS.ErrnoException).errno !== undefined)
      throw cause;
    throw new BanyanError(
      'data',
      `${path}: expected a Parquet file, received one that cannot be read (${(cause as Error).message}). Write the file again.`,
      { cause },
    );
  } finally {
    await Promise.all([source.close(), written.close()]);
  }
}

/** The paths of the columns that hold values. */
const leavesOf = ({ children, path }: SchemaTree): readonly string[] =>
  children.length === 0 ? [path.join('.')] : children.flatMap(leavesOf);

/** A column that no name leads to would never be waited for, and its failure would end the process. */
function checkColumns({ row_groups }: FileMetaData, leaves: readonly string[]): void {
  for (const { columns } of row_groups) {
    const paths = columns.map(({ meta_data }) => meta_data?.path_in_schema.join('.'));
    if (paths.join('\n') !== leaves.join('\n')) throw new Error('its columns are not those of its schema');
  }
}

async function slice(file: FileHandle, start: number, end: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(end - start);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
  if (bytesRead < bytes.length) throw new Error(`it ends at byte ${start + bytesRead}, before a column does`);
  return bytes.buffer;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const isoTime = (milliseconds: bigint) => new Date(Number(milliseconds)).toISOString();

const parsers = {
  timestampFromMilliseconds: isoTime,
  timestampFromMicroseconds: (microseconds: bigint) => isoTime(microseconds / 1000n),
  timestampFromNanoseconds: (nanoseconds: bigint) => isoTime(nanoseconds / 1_000_000n),
  dateFromDays: (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10),
  // Bytes that are no text stay bytes, which no cell can hold.
  stringFromBytes: (bytes: Uint8Array | undefined) => {
    try {
      return bytes && utf8.decode(bytes);
    } catch {
      return bytes;
    }
  },
};

/** A row as a line. */
function lineOf(
  names: readonly string[],
  values: Readonly<Record<string, unknown>>,
  next: () => number,
  badRow: (row: number, reason: string) => void,
): string {
  const row = next();
  const cells: [string, Cell][] = [];
  for (const name of names) {
    try {
      cells.push([name, cellOf(values[name])]);
    } catch (fault) {
      badRow(row, `${(fault as Error).message} (column "${name}")`);
      return '\n';
    }
  }
  return `${JSON.stringify(Object.fromEntries(cells))}\n`;
}

function cellOf(value: unknown): Cell {
  if (value === undefined || value === null || Number.isNaN(value)) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return numberOf(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array)
    throw new Error(`expected text or numbers, received ${value.length} bytes that are no UTF-8 text`);
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return Array.from(value as unknown as ArrayLike<unknown>, cellOf);
  return Object.fromEntries(Object.entries(value).map(([key, cell]) => [key, cellOf(cell)]));
}

function numberOf(value: number | bigint): number {
  const number = Number(value);
  if (typeof value === 'number' ? Number.isFinite(value) : Number.isSafeInteger(number)) return number;
  throw new Error(`expected a finite number, and whole ones below 2^53, received ${value}`);
}
