import {
  appendFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { openTable } from '../../../src/data/index.ts';
import { scanned, tableFolder, tableOf } from './tables.ts';

const folder = tableFolder();
const path = join(folder, 'a.csv');
const cache = process.env.BANYAN_CACHE!;
const TEXT = 'a,b\n1,2\n3,4\n5,6\n';
/** Moments at which progress was told: an index that is made tells some. */
const making = () => {
  const told: number[] = [];
  return { told, options: { onProgress: (fraction: number) => told.push(fraction) } };
};
const indexes = () => {
  const tables = join(cache, 'tables');
  return readdirSync(tables).flatMap((name) =>
    readdirSync(join(tables, name)).map((state) => join(tables, name, state)),
  );
};

beforeEach(() => rmSync(join(cache, 'tables'), { recursive: true, force: true }));

describe('the index of a table', () => {
  it('is made once, whichever link leads to the file', async () => {
    const first = making();
    await (await tableOf(path, TEXT, first.options)).close();
    expect(first.told.at(-1)).toBe(1);
    const link = join(folder, 'link.csv');
    symlinkSync(path, link);
    const second = making();
    const table = await openTable(link, second.options);
    expect(second.told).toEqual([]);
    expect((await table.rows([1]))[0]).toEqual({ place: `${link}, line 3`, values: { a: '3', b: '4' } });
    await table.close();
    expect(indexes()).toHaveLength(1);
  });

  it('is made anew for a file that changed, and the old one removed', async () => {
    await (await tableOf(path, TEXT)).close();
    const [before] = indexes();
    const again = making();
    const table = await tableOf(path, `${TEXT}7,8\n`, again.options);
    expect(table.count).toBe(4);
    expect(again.told.at(-1)).toBe(1);
    await table.close();
    expect(indexes()).toHaveLength(1);
    expect(indexes()[0]).not.toBe(before);
    // Another delimiter gives other rows.
    await expect(openTable(path, { delimiter: 'b' })).rejects.toThrow('line 2: expected 2 fields (a,, ), received 1');
  });

  const damages: readonly [string, (folder: string) => void][] = [
    ['lacks its end', (index) => truncateSync(join(index, 'rows.index'), 32)],
    ['lacks its manifest', (index) => rmSync(join(index, 'table.json'))],
    [
      'has another manifest',
      (index) => {
        const manifest = join(index, 'table.json');
        writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"count":3', '"count":2'));
      },
    ],
    ['lacks its copy', (index) => truncateSync(join(index, 'rows'), 5)],
  ];
  it.each(damages)('is made anew where it %s', async (_, damage) => {
    const packed = join(folder, 'a.csv.gz');
    await (await tableOf(packed, gzipSync(TEXT))).close();
    damage(indexes()[0]!);
    const again = making();
    const table = await openTable(packed, again.options);
    expect(again.told.at(-1)).toBe(1);
    expect(await scanned(table)).toHaveLength(3);
    await table.close();
  });

  it('leaves nothing behind where it is not made to its end', async () => {
    const stop = new AbortController();
    const options = { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) };
    const text = TEXT + '7,8\n'.repeat(600_000);
    await expect(tableOf(path, text, options)).rejects.toThrow('enough');
    expect(indexes()).toEqual([]);
    await expect(tableOf(path, `${text}9\n`)).rejects.toThrow('expected 2 fields');
    expect(indexes()).toEqual([]);
  });

  it('may be made by many at the same time', async () => {
    writeFileSync(path, TEXT);
    const tables = await Promise.all(Array.from({ length: 12 }, () => openTable(path)));
    for (const table of tables) expect(await scanned(table)).toHaveLength(3);
    await Promise.all(tables.map((table) => table.close()));
    expect(indexes()).toHaveLength(1);
  });

  it('is found not to fit where the file was changed in place', async () => {
    await (await tableOf(path, TEXT)).close();
    // To the millisecond, so that the time can be set again.
    utimesSync(path, 1000, 1000);
    const table = await openTable(path);
    const other: readonly [string, number, string][] = [
      ['a,b\n1,2\n3,,\n5,6\n', 1, 'line 3: expected a row at byte 8'],
      ['a,b\n1,2,3,4\n5,6\n', 1, 'line 3: expected a row at byte 8'],
      ['a,b\n1,2\n"3",4\n,6', 1, 'line 3: expected a row at byte 8'],
      ['a,b\n1,2\n3,4\n5\n6\n', 2, 'line 4: expected a row at byte 12'],
    ];
    for (const [text, row, message] of other) {
      writeFileSync(path, text);
      utimesSync(path, 1000, 1000);
      await expect(table.rows([row])).rejects.toThrow(
        `${path}, ${message}, as the index says, received other bytes. The file was changed in place, or the index is damaged: remove `,
      );
    }
    await table.close();
  });

  it('needs a cache that can be written', async () => {
    writeFileSync(path, TEXT);
    process.env.BANYAN_CACHE = join(path, 'cache');
    try {
      await expect(openTable(path)).rejects.toThrow(
        /a\.csv\/cache\/tables cannot be written: a part of the path is a file, not a folder\. Expected a folder for the indexes of tables\. Set BANYAN_CACHE to a folder with room that can be written\.$/,
      );
    } finally {
      process.env.BANYAN_CACHE = cache;
    }
  });
});

describe('a table that is open', () => {
  it('tells that its file changed, or is gone', async () => {
    const table = await tableOf(path, TEXT);
    appendFileSync(path, '7,8\n');
    await expect(table.rows([0])).rejects.toThrow(
      /a\.csv changed while it was read: expected 16 bytes of 20.*Z, received 20 of 20.*Z\. Leave the file alone while it is in use, and open it again\./,
    );
    rmSync(path);
    await expect(table.rows([0])).rejects.toThrow(`${path} cannot be read: there is no such file or folder.`);
    await table.close();
  });

  it('knows its rows, until it is closed', async () => {
    const table = await tableOf(path, TEXT);
    for (const row of [-1, 3, 0.5, Number.NaN]) {
      await expect(table.rows([0, row])).rejects.toThrow(
        `${path} has no row ${row}: expected a whole number from 0 to 2. Ask for one of those.`,
      );
    }
    expect(await table.rows([])).toEqual([]);
    await table.close();
    await table.close();
    await expect(table.rows([0])).rejects.toThrow(
      `${path} is closed, expected an open table. Open it again to read rows.`,
    );
  });

  it('is a file', async () => {
    await expect(openTable(join(folder, 'none.csv'))).rejects.toThrow(
      'none.csv cannot be read: there is no such file or folder.',
    );
    await expect(openTable(folder)).rejects.toThrow('is a folder, expected a file of rows.');
  });
});
