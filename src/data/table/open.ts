import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { BanyanError } from '../../error.ts';
import { fileError } from '../../files/file-error.ts';
import { show } from '../../show.ts';
import { checkBadRows, mostBadRows } from './bad-rows.ts';
import { cached, INDEX, type Manifest } from './cache.ts';
import { csvFormat } from './csv-format.ts';
import { checkStart, type FileKind, kindOf } from './file-kind.ts';
import { indexRows } from './index-rows.ts';
import { indexedTable } from './indexed-table.ts';
import { jsonFormat } from './json-format.ts';
import type { RowFormat } from './row-format.ts';
import { IndexWriter, openRowIndex } from './row-index.ts';
import { assertUnchanged, type SourceFile, sourceFile } from './source-file.ts';
import type { Table, TableOptions } from './table.ts';

/**
 * Opens a file of rows: CSV with a header (`.csv`, `.tsv`, `.tab`) or an object of JSON a line (`.jsonl`, `.ndjson`). The file is read
 * once from its start to its end, every row is checked, and an index of where each row lies is written into the cache
 * (`BANYAN_CACHE`), for as long as the file stays as it is. Afterwards rows are read from their places. Text is UTF-8 and is given in
 * Unicode's composed form (NFC).
 * @throws BanyanError `data`, with file, line and column, for a file that cannot be read, for more bad rows than `onBadRow` permits,
 * and for a cache that cannot be written; `argument` for options that are none; `plugin` where csv-parse is missing.
 */
export async function openTable(path: string, options: TableOptions = {}): Promise<Table> {
  const mostBad = mostBadRows(options);
  const source = await sourceFile(path);
  const kind = kindOf(path);
  await checkStart(source, kind);
  const format = formatOf(path, kind, options.delimiter);
  const place = (line: number) => `${path}, line ${line}`;
  const { folder, manifest } = await cached(source, format.key, async (folder) => {
    const made = await makeIndex(folder, { source, format, place, mostBad, options });
    await assertUnchanged(source);
    return made;
  });
  // An index that was made with more of them permitted.
  checkBadRows(manifest.skipped, mostBad);
  const index = await openRowIndex(join(folder, INDEX));
  const file = await openFile(path).catch(async (cause) => {
    await index.close();
    throw cause;
  });
  return indexedTable({ ...manifest, source, format, index, file, folder, place });
}

function formatOf(path: string, kind: FileKind, delimiter = kind.delimiter): RowFormat {
  if (delimiter === undefined) return jsonFormat;
  if (/^[ -~\t]$/.test(delimiter) && delimiter !== '"' && kind.rows === 'csv') return csvFormat(path, delimiter);
  throw new BanyanError(
    'argument',
    `${path}: expected a delimiter only for CSV, and as one ASCII character other than a quote, received ${show(delimiter)}. Give such a character, or none.`,
  );
}

interface Making {
  readonly source: SourceFile;
  readonly format: RowFormat;
  readonly mostBad: number;
  readonly options: TableOptions;
  place(line: number): string;
}

async function makeIndex(folder: string, { source, format, place, mostBad, options }: Making): Promise<Manifest> {
  const { path, size } = source;
  const file = await openFile(path);
  const written = await open(join(folder, INDEX), 'w');
  try {
    const index = new IndexWriter(written);
    const rows = await indexRows({ file, size, format, place }, index, { ...options, mostBad });
    return { path, count: index.count, ...rows };
  } finally {
    await Promise.all([file.close(), written.close()]);
  }
}

const openFile = (path: string): Promise<FileHandle> =>
  open(path, 'r').catch((cause) => {
    throw fileError('data', path, 'read', cause);
  });
