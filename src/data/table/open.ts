import { kindOf } from './file-kind.ts';
import { openRows } from './open-rows.ts';
import { sourceFile } from './source-file.ts';
import type { Table, TableOptions } from './table.ts';

/**
 * Opens a file of rows: CSV (`.csv`, `.tsv`, `.tab`), an object of JSON a line (`.jsonl`, `.ndjson`), both also gzipped (`.csv.gz`), or
 * Parquet; a file of another ending by its `format`. The file is read once from its start to its end, every row is checked, and an index of where each row lies is
 * written into the cache (`BANYAN_CACHE`), for as long as the file stays as it is; of gzip and Parquet also a copy that can be read from
 * any place. Afterwards rows are read from their places. Text is UTF-8 and is given in Unicode's composed form (NFC).
 * @throws BanyanError `data`, with file, line and column, for a file that cannot be read, for more bad rows than `onBadRow` permits,
 * and for a cache that cannot be written; `argument` for options that are none; `plugin` where csv-parse or hyparquet is missing.
 */
export async function openTable(path: string, options: TableOptions = {}): Promise<Table> {
  const source = await sourceFile(path);
  return (await openRows(source, kindOf(path, options.format), options)).table;
}
