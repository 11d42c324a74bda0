import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openTable, type Table, type TableOptions, type TableRow } from '../../../src/data/index.ts';
import { temporaryFolder } from '../../repository.ts';

/** A folder for a file's tests, with a cache of its own in it. */
export function tableFolder(): string {
  const folder = temporaryFolder();
  process.env.BANYAN_CACHE = mkdtempSync(join(folder, 'cache-'));
  afterAll(() => {
    delete process.env.BANYAN_CACHE;
  });
  return folder;
}

/** Writes a file and opens it as a table. */
export function tableOf(path: string, content: string | Uint8Array, options?: TableOptions): Promise<Table> {
  writeFileSync(path, content);
  return openTable(path, options);
}

export async function scanned(table: Table): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  for await (const row of table.scan()) rows.push(row);
  return rows;
}

/** All rows of a file, from a table that is closed again. */
export async function rowsOf(path: string, content: string | Uint8Array, options?: TableOptions): Promise<TableRow[]> {
  const table = await tableOf(path, content, options);
  try {
    return await scanned(table);
  } finally {
    await table.close();
  }
}
