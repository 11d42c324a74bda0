import { openSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BanyanError } from '../../error.ts';
import { fileError } from '../../files/file-error.ts';
import { show } from '../../show.ts';
import { badRowError, mostBadRows } from './bad-rows.ts';
import { COPY, cached, INDEX, type Manifest } from './cache.ts';
import type { Copy } from './copy.ts';
import { copyGzip } from './copy-gzip.ts';
import { copyParquet } from './copy-parquet.ts';
import { copyZip } from './copy-zip.ts';
import { csvFormat } from './csv-format.ts';
import { checkStart, type FileKind } from './file-kind.ts';
import { indexRows } from './index-rows.ts';
import { indexedTable } from './indexed-table.ts';
import { jsonFormat } from './json-format.ts';
import type { RowFormat } from './row-format.ts';
import { IndexWriter, openRowIndex } from './row-index.ts';
import { assertUnchanged, type SourceFile } from './source-file.ts';
import type { Table, TableOptions } from './table.ts';

export interface OpenRows {
  readonly table: Table;
  /** What the cache holds of the file lies in this folder. */
  readonly folder: string;
}

/** Opens a file of a kind as a table of its rows. @throws BanyanError as `openTable`. */
export async function openRows(source: SourceFile, kind: FileKind, options: TableOptions): Promise<OpenRows> {
  const mostBad = mostBadRows(options);
  const { path } = source;
  await checkStart(source, kind);
  const format = formatOf(path, kind, options);
  const place = (line: number) => `${path}, ${kind.copy === 'parquet' ? 'row' : 'line'} ${line}`;
  const making = { source, kind, format, place, mostBad, options };
  const { folder, manifest } = await cached(source, format.key, (folder) => makeIndex(folder, making));
  const skipped = manifest.skipped.map(({ line, reason }) => ({ place: place(line), reason }));
  // An index may have been made with more of them permitted.
  const bad = skipped[mostBad];
  if (bad !== undefined) throw badRowError(bad, mostBad, format.hint?.(bad.reason));
  const rows = kind.copy === undefined ? path : join(folder, COPY);
  let file: number;
  try {
    file = openSync(rows, 'r');
  } catch (cause) {
    throw fileError('data', rows, 'read', cause);
  }
  const index = openRowIndex(join(folder, INDEX));
  const size = manifest.copy ?? source.size;
  const table = indexedTable({ ...manifest, skipped, source, format, index, file, size, folder, place });
  if (options.columns !== undefined) await warnOfHeader(table);
  return { table, folder };
}

function formatOf(path: string, kind: FileKind, options: TableOptions): RowFormat {
  const { delimiter = kind.delimiter, columns, quotes = true } = options;
  const fail = (expected: string, received: unknown, mend: string): never => {
    throw new BanyanError('argument', `${path}: expected ${expected}, received ${show(received)}. ${mend}`);
  };
  if (kind.rows !== 'csv') {
    const said = Object.entries({ delimiter, columns, quotes: options.quotes }).find(
      ([, value]) => value !== undefined,
    );
    if (said !== undefined) fail(`${said[0]} only for CSV`, said[1], 'Leave it out.');
    return jsonFormat;
  }
  if (delimiter === undefined || !/^[ -~\t]$/.test(delimiter) || delimiter === '"') {
    fail('a delimiter of one ASCII character other than a quote', delimiter, 'Give such a character, or none.');
  }
  if (columns !== undefined && (columns.length === 0 || new Set(columns).size < columns.length)) {
    fail('columns with the name of each column once', columns, 'Name them all, in the order of the file.');
  }
  return csvFormat(path, { delimiter: delimiter!, quotes, columns });
}

/** Warns of a file that has a header though its columns are named: it would be a row. */
async function warnOfHeader({ columns, rows }: Table): Promise<void> {
  const [first] = await rows([0]);
  if (!columns.every((column) => first!.values[column] === column)) return;
  process.emitWarning(
    `${first!.place}: the first row holds the names of the columns, as a header does. Expected a file without one, since \`columns\` names them. Leave \`columns\` out.`,
    'BanyanWarning',
  );
}

const COPIES: Readonly<Record<NonNullable<FileKind['copy']>, Copy>> = {
  gzip: copyGzip,
  parquet: copyParquet,
  zip: copyZip,
};

interface Making {
  readonly source: SourceFile;
  readonly kind: FileKind;
  readonly format: RowFormat;
  readonly mostBad: number;
  readonly options: TableOptions;
  place(line: number): string;
}

/** Fills a folder of the cache. */
async function makeIndex(folder: string, making: Making): Promise<Manifest> {
  const { source, kind, format, place, mostBad, options } = making;
  const { signal, onProgress } = options;
  const skipped: { readonly line: number; readonly reason: string }[] = [];
  const badRow = (line: number, reason: string): void => {
    skipped.push({ line, reason });
    if (skipped.length > mostBad) throw badRowError({ place: place(line), reason }, mostBad, format.hint?.(reason));
  };
  const rows = kind.copy === undefined ? source.path : join(folder, COPY);
  if (kind.copy !== undefined) {
    // The copy is half of the work.
    await COPIES[kind.copy](source, rows, {
      signal,
      badRow,
      onProgress: onProgress && ((part) => onProgress(part / 2)),
    });
  }
  const size = kind.copy === undefined ? source.size : (await stat(rows)).size;
  const file = await open(rows, 'r');
  const written = await open(join(folder, INDEX), 'w');
  try {
    const index = new IndexWriter(written);
    const columns = await indexRows({ file, size, format, place }, index, {
      badRow,
      signal,
      onProgress: onProgress && ((part) => onProgress(kind.copy === undefined ? part : (1 + part) / 2)),
    });
    await assertUnchanged(source);
    return {
      path: source.path,
      count: index.count,
      columns,
      skipped,
      ...(kind.copy === undefined ? {} : { copy: size }),
    };
  } finally {
    await Promise.all([file.close(), written.close()]);
  }
}
