import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openFolder } from '../../../src/data/index.ts';
import { scanned, tableFolder } from './tables.ts';

const folder = tableFolder();
const birds = join(folder, 'birds');

const put = (name: string, content = name): void => {
  mkdirSync(join(birds, name, '..'), { recursive: true });
  writeFileSync(join(birds, name), content);
};

describe('a folder', () => {
  beforeEach(() => rmSync(birds, { recursive: true, force: true }));

  it('is a table of its pictures and sounds, labelled by the folder they are in', async () => {
    for (const name of ['wren/b.JPG', 'wren/a.png', 'robin/2020/may/c.wav', 'd.webp', '.hidden/e.png', 'wren/.f.png'])
      put(name);
    symlinkSync(join(birds, 'wren'), join(birds, 'linked'));
    const table = await openFolder(birds);
    expect(table).toMatchObject({ path: birds, columns: ['file', 'label'], count: 6, skipped: [] });
    const rows = await scanned(table);
    expect(rows.map(({ values }) => values)).toEqual([
      { file: join(birds, 'd.webp'), label: null },
      { file: join(birds, 'linked/a.png'), label: 'linked' },
      { file: join(birds, 'linked/b.JPG'), label: 'linked' },
      { file: join(birds, 'robin/2020/may/c.wav'), label: 'robin' },
      { file: join(birds, 'wren/a.png'), label: 'wren' },
      { file: join(birds, 'wren/b.JPG'), label: 'wren' },
    ]);
    expect(rows.map(({ place }) => place)).toEqual(rows.map(({ values }) => values.file));
    expect(await table.rows([5, 0, 5])).toEqual([rows[5], rows[0], rows[5]]);
    await expect(table.rows([6])).rejects.toThrow(`${birds} has no file 6: expected a whole number from 0 to 5.`);
    await table.close();
  });

  it('is warned of where it holds other files', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    for (const name of ['a/1.png', 'a/1.bmp', 'a/2.bmp', 'b/3.bmp', 'notes.txt', 'a/Thumbs.db']) put(name);
    expect((await openFolder(birds)).count).toBe(1);
    expect(warn).toHaveBeenCalledWith(
      `${birds}: 4 files are neither pictures nor sounds by their endings, and are left out: a/1.bmp, a/2.bmp, b/3.bmp, ….`,
      'BanyanWarning',
    );
    warn.mockRestore();
  });

  it('is there, and holds files', async () => {
    await expect(openFolder(birds)).rejects.toThrow(`${birds} cannot be read: there is no such file or folder.`);
    mkdirSync(birds);
    await expect(openFolder(birds)).rejects.toThrow(`${birds}: expected pictures or sounds (.png,`);
    symlinkSync(birds, join(birds, 'circle'));
    await expect(openFolder(birds)).rejects.toThrow(
      /expected at most 32 folders in each other, received more\. Remove the link/,
    );
  });
});

describe('a zip archive', () => {
  const path = join(folder, 'birds.zip');
  const zip = (entries: readonly Entry[]) => writeFileSync(path, archiveOf(entries));

  it('is a table of its pictures and sounds', async () => {
    zip([
      { name: 'wren/' },
      { name: 'wren/b.png', content: 'second' },
      { name: '__MACOSX/wren/b.png', content: 'x' },
      { name: 'u\u0308/a.png', content: 'first' },
      { name: 'c.wav', content: 'third' },
    ]);
    const table = await openFolder(path);
    expect(table).toMatchObject({ path, columns: ['file', 'label'], count: 3 });
    const rows = await scanned(table);
    expect(rows.map(({ place, values }) => [place, values.label])).toEqual([
      [`${path}, wren/b.png`, 'wren'],
      [`${path}, \u00fc/a.png`, '\u00fc'],
      [`${path}, c.wav`, null],
    ]);
    expect(rows.map(({ values }) => readFileSync(values.file as string, 'utf8'))).toEqual(['second', 'first', 'third']);
    expect((await table.rows([2, 0])).map(({ values }) => basename(values.file as string))).toEqual(['c.wav', 'b.png']);
    await table.close();
    // It was unpacked once.
    const again = await openFolder(path);
    expect(await scanned(again)).toEqual(rows);
    await again.close();
  });

  it('is read from a folder in it on, where the path leads there', async () => {
    zip(
      ['all/greek/alpha/1.png', 'all/greek/beta/1.png', 'all/latin/a/1.png'].map((name) => ({ name, content: name })),
    );
    const table = await openFolder(join(path, 'all/greek'));
    expect(table.count).toBe(2);
    const rows = await scanned(table);
    expect(rows.map(({ place, values }) => [place, values.label])).toEqual([
      [`${path}, all/greek/alpha/1.png`, 'alpha'],
      [`${path}, all/greek/beta/1.png`, 'beta'],
    ]);
    expect(await table.rows([1, 0])).toEqual([rows[1], rows[0]]);
    await expect(table.rows([2])).rejects.toThrow('has no row');
    await table.close();
    // The folder that holds all others need not be named.
    const same = await openFolder(join(path, 'greek'));
    expect(await scanned(same)).toEqual(rows);
    await same.close();
    const whole = await openFolder(path);
    expect((await scanned(whole)).map(({ values }) => values.label)).toEqual(['greek', 'greek', 'latin']);
    await whole.close();
    await expect(openFolder(`${path}/all/gre`)).rejects.toThrow(`${path}/all/gre: expected pictures or sounds`);
  });

  it('is whole and safe', async () => {
    const bad = (entries: readonly Entry[], message: string | RegExp) => {
      zip(entries);
      return expect(openFolder(path)).rejects.toThrow(message);
    };
    await bad(
      [{ name: 'a.png', content: 'a', sum: 1 }],
      `${path}, a.png: expected the checksum 1, received 3904355907. Make the archive again.`,
    );
    await bad([{ name: 'a.png' }, { name: 'a.png' }], `${path}, a.png: expected one entry of this name, received two.`);
    await bad(
      [{ name: '../a.png', content: 'a' }],
      /birds\.zip: expected a zip archive, received one that cannot be read \(.*relative path.*\)\./,
    );
    await bad([{ name: '/a.png', content: 'a' }], /cannot be read \(.*absolute path.*\)\./);
    await bad(
      [{ name: 'a.png', content: 'a', size: 7e7 }],
      /birds\.zip has 1\d\d bytes, expected at most 64 MB in it when it is unpacked, received more\. If it is meant, unpack it, and open the folder\./,
    );
    await bad([{ name: 'wren/' }], 'expected pictures or sounds');
    writeFileSync(path, archiveOf([{ name: 'a.png', content: 'a' }]).subarray(0, -4));
    await expect(openFolder(path)).rejects.toThrow(
      /birds\.zip: expected a zip archive, received one that cannot be read \(.*\)\. Make the archive again/,
    );
    writeFileSync(path, 'no archive');
    await expect(openFolder(path)).rejects.toThrow('birds.zip, byte 0: expected a zip archive');
  });
});

interface Entry {
  readonly name: string;
  readonly content?: string;
  readonly sum?: number;
  readonly size?: number;
}

/** An archive of entries that are stored (APPNOTE.TXT 6.3, section 4.3), right or wrong. */
function archiveOf(entries: readonly Entry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content = '', sum = crc32(content), size = content.length } of entries) {
    const [letters, data] = [Buffer.from(name), Buffer.from(content)];
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(0x800, 6); // Names in UTF-8.
    local.writeUInt32LE(sum, 14);
    local.writeUInt32LE(size, 18);
    local.writeUInt32LE(size, 22);
    local.writeUInt16LE(letters.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    local.copy(central, 6, 4, 28);
    central.writeUInt32LE(offset, 42);
    parts.push(local, letters, data);
    directory.push(central, letters);
    offset += 30 + letters.length + data.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}
