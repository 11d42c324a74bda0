import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openTable } from '../../../src/data/index.ts';
import { rowsOf, scanned, tableFolder, tableOf } from './tables.ts';

const folder = tableFolder();
const file = (name: string) => join(import.meta.dirname, '..', 'files', name);

describe('a gzipped table', () => {
  const path = join(folder, 'a.csv.gz');
  const text = `a,b\n${Array.from({ length: 500 }, (_, i) => `${i},"row\n${i}"`).join('\n')}\n`;

  it('is the table that is packed in it', async () => {
    // Of two members, as `cat` and bgzip make them.
    const packed = Buffer.concat([gzipSync(text.slice(0, 1000)), gzipSync(text.slice(1000))]);
    const table = await tableOf(path, packed);
    expect(table.count).toBe(500);
    expect(await table.rows([499, 0])).toEqual([
      { place: `${path}, line 1000`, values: { a: '499', b: 'row\n499' } },
      { place: `${path}, line 2`, values: { a: '0', b: 'row\n0' } },
    ]);
    await table.close();
    expect(await rowsOf(join(folder, 'a.jsonl.gz'), gzipSync('{"a": 1}'))).toHaveLength(1);
  });

  it('is whole', async () => {
    const packed = gzipSync(text);
    await expect(tableOf(path, packed.subarray(0, -9))).rejects.toThrow(
      /a\.csv\.gz ends early: expected more of its gzip data after \d+ unpacked bytes, received the end of the file\. Fetch the file again\./,
    );
    const damaged = Buffer.from(packed);
    damaged[packed.length - 6]! ^= 1;
    await expect(tableOf(path, damaged)).rejects.toThrow(
      /a\.csv\.gz cannot be unpacked: expected whole gzip data, received a fault after \d+ unpacked bytes \(.+\)\./,
    );
  });

  it('does not unpack to what fills the disk', async () => {
    const member = gzipSync(Buffer.alloc(12e6, 'a\n'));
    const error = await tableOf(path, Buffer.concat(new Array(6).fill(member))).catch((reason: Error) => reason);
    expect((error as Error).message).toMatch(
      /a\.csv\.gz has \d+ KB, expected at most 64 MB in it when it is unpacked, received more\. If it is meant, unpack it with gunzip\./,
    );
  });
});

describe('a table of Parquet', () => {
  const time = '2026-11-30T07:08:09.123Z';
  // What test/data/table/files/make.py wrote with pyarrow.
  const expected = [
    ['whole', [1, null, -(2 ** 53) + 1, 4]],
    ['small', [1, 2, 3, 255]],
    ['real', [0.5, null, null, -1e300]],
    ['single', [0.25, 1, 2, 3]],
    ['truth', [true, null, false, true]],
    ['text', ['plain', '\u00fc', null, 'two\nlines, "quoted"']],
    ['kind', ['cat', 'dog', 'cat', null]],
    ['day', ['2026-11-30', null, '1969-12-31', '2026-11-30']],
    ['time', [time, null, time, time]],
    ['price', [1, 2, 3, 4]],
    ['list', [[1.5, 2], [], null, [3]]],
    ['record', [{ a: 1, b: ['x'] }, { a: null, b: [] }, null, { a: 2, b: null }]],
  ] as const;

  it.each(['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4'])(
    'has the rows that pyarrow wrote (%s)',
    async (codec) => {
      const path = file(`${codec}.parquet`);
      const table = await openTable(path);
      expect(table.columns).toEqual(expected.map(([name]) => name));
      expect(await scanned(table)).toEqual(
        [0, 1, 2, 3].map((row) => ({
          place: `${path}, row ${row + 1}`,
          values: Object.fromEntries(expected.map(([name, cells]) => [name, cells[row]])),
        })),
      );
      expect((await table.rows([3, 1])).map(({ values }) => values.kind)).toEqual([null, 'dog']);
      await table.close();
    },
  );

  it('names row and column of what no number can hold', async () => {
    const path = file('bad.parquet');
    await expect(openTable(path)).rejects.toThrow(
      `${path}, row 2: expected a finite number, and whole ones below 2^53, received 9007199254740992 (column "id"). Correct the row`,
    );
    const table = await openTable(path, { onBadRow: { skip: 2 } });
    expect(table.skipped).toEqual([
      { place: `${path}, row 2`, reason: expect.stringContaining('received 9007199254740992 (column "id")') },
      { place: `${path}, row 3`, reason: expect.stringContaining('received Infinity (column "real")') },
    ]);
    expect(await scanned(table)).toEqual([{ place: `${path}, row 1`, values: { id: 1, real: 1 } }]);
    await table.close();
    await expect(openTable(file('bytes.parquet'))).rejects.toThrow(
      'row 1: expected text or numbers, received 3 bytes that are no UTF-8 text (column "a")',
    );
  });

  it('is whole', async () => {
    const whole = readFileSync(file('snappy.parquet'));
    const path = join(folder, 'a.parquet');
    await expect(tableOf(path, whole.subarray(0, -1))).rejects.toThrow(
      /a\.parquet: expected a Parquet file, received one that cannot be read \(.+\)\. Write the file again\./,
    );
    await expect(tableOf(path, Buffer.concat([whole.subarray(0, 100), whole.subarray(600)]))).rejects.toThrow(
      'cannot be read',
    );
  });
});

describe('the name of a table', () => {
  it('says what it holds', async () => {
    const bad = (name: string, content: string | Uint8Array) => tableOf(join(folder, name), content);
    await expect(bad('a.xlsx', 'PK\x03\x04')).rejects.toThrow(
      'a.xlsx: expected a file that ends with .csv, .tsv, .tab, .jsonl, .ndjson, .parquet, or, of text, with .gz after it, received another.',
    );
    await expect(bad('a.parquet.gz', '')).rejects.toThrow('expected a file that ends with');
    await expect(bad('csv', 'a\n')).rejects.toThrow('expected a file that ends with');
    await expect(bad('b.csv', 'PK\x03\x04')).rejects.toThrow(
      'b.csv, byte 0: expected text, as its ending says, received a zip archive (as .xlsx is too). Give the file the ending of what it holds, or unpack or convert it.',
    );
    await expect(bad('b.csv', gzipSync('a\n'))).rejects.toThrow(
      'expected text, as its ending says, received gzip data.',
    );
    await expect(bad('b.CSV.GZ', 'a\n')).rejects.toThrow(
      'expected gzip data, as its ending says, received something else.',
    );
    await expect(bad('b.parquet', 'a\n')).rejects.toThrow(
      'expected Parquet, as its ending says, received something else.',
    );
  });
});
