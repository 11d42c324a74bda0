import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readCsv } from '../../../src/data/index.ts';
import { rowsOf, scanned, tableFolder, tableOf } from './tables.ts';

const folder = tableFolder();
const path = join(folder, 'a.csv');

/** Fields with all that CSV has a rule for; letters come composed, as parts, and beyond 16 bits. */
const letter = fc.constantFrom('a', ' ', '"', ',', ';', '\t', '\r', '\n', '\u00fc', 'e', '\u0301', '\u{1d11e}');
const field = fc.array(letter, { maxLength: 6 }).map((letters) => letters.join(''));
const written = (text: string, always: boolean) =>
  always || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

const file = fc
  .record({
    columns: fc.integer({ min: 2, max: 4 }),
    ends: fc.array(fc.constantFrom('\n', '\r\n', '\r', '\n\n', '\r\n \r\n'), { minLength: 1, maxLength: 5 }),
    rows: fc.array(fc.array(fc.tuple(field, fc.boolean()), { minLength: 4, maxLength: 4 }), {
      minLength: 1,
      maxLength: 12,
    }),
    isEnded: fc.boolean(),
    mark: fc.boolean(),
  })
  .map(({ columns, ends, rows, isEnded, mark }) => {
    const header = ['a', 'b', 'c', 'd'].slice(0, columns);
    const lines = [
      header.join(','),
      ...rows.map((row) =>
        row
          .slice(0, columns)
          .map(([text, q]) => written(text, q))
          .join(','),
      ),
    ];
    const text = lines.map((line, i) => line + (i < lines.length - 1 || isEnded ? ends[i % ends.length] : '')).join('');
    const values = rows.map((row) =>
      Object.fromEntries(header.map((name, c) => [name, row[c]![0].normalize('NFC') || null])),
    );
    return { text: (mark ? '\ufeff' : '') + text, header, values };
  });

describe('a table of CSV', () => {
  it("gives what was written, in the file's order and in any other", async () => {
    await fc.assert(
      fc.asyncProperty(file, fc.infiniteStream(fc.nat()), async ({ text, values }, numbers) => {
        const table = await tableOf(path, text);
        const rows = await scanned(table);
        expect(rows.map((row) => row.values)).toEqual(values);
        expect(table.count).toBe(values.length);
        const asked = [...numbers.take(20)].map((number) => number % values.length);
        expect(await table.rows(asked)).toEqual(asked.map((number) => rows[number]));
        await table.close();
      }),
      { numRuns: 50 },
    );
  });

  it('has the rows and lines of readCsv', async () => {
    await fc.assert(
      fc.asyncProperty(file, async ({ text, header }) => {
        const rows = await rowsOf(path, text);
        const expected = readCsv(path, { columns: header }).map(({ line, values }) => ({
          place: `${path}, line ${line}`,
          values: Object.fromEntries(
            Object.entries(values).map(([name, text]) => [name, text.normalize('NFC') || null]),
          ),
        }));
        expect(rows).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('reads what docs/readers.md shows', async () => {
    const houses = join(folder, 'houses.csv');
    const text = 'area,rooms,price\n50,2,90000\n60,3,110000\n70,,120000\n80,3,130000\n90,4,140000\n95,4,150000,x\n';
    const table = await tableOf(houses, text, { onBadRow: { skip: 5 } });
    expect(table.columns).toEqual(['area', 'rooms', 'price']);
    expect(table.skipped).toEqual([
      { place: `${houses}, line 7`, reason: 'expected 3 fields (area, rooms, price), received 4' },
    ]);
    const [row] = await table.rows([2, 0]);
    expect(row).toEqual({ place: `${houses}, line 4`, values: { area: '70', rooms: null, price: '120000' } });
    await table.close();
  });

  it('takes a tab, or what is said, for the delimiter', async () => {
    const tabs = join(folder, 'a.tsv');
    expect((await rowsOf(tabs, 'a\tb\n1,5\t2\n\t\n')).map(({ values }) => values)).toEqual([
      { a: '1,5', b: '2' },
      { a: null, b: null },
    ]);
    expect((await rowsOf(path, 'a;b\n1,5;2\n', { delimiter: ';' }))[0]!.values).toEqual({ a: '1,5', b: '2' });
    for (const delimiter of ['', ',,', '"', '\n', 'ü']) {
      await expect(tableOf(path, 'a\n1\n', { delimiter })).rejects.toThrow(
        'expected a delimiter of one ASCII character other than a quote',
      );
    }
    await expect(tableOf(join(folder, 'a.jsonl'), '{}\n', { delimiter: ',' })).rejects.toThrow(
      'expected delimiter only for CSV, received ",". Leave it out.',
    );
  });
});

describe('a file as it is found', () => {
  afterEach(() => vi.restoreAllMocks());
  const found = join(folder, 'Collection');
  const lines = 'ham\tso "he" said\nspam\t"win, now\n\nham\t\n';

  it('is read without header, quotes and ending, where that is said', async () => {
    const rows = await rowsOf(found, lines, { format: 'tsv', columns: ['label', 'text'], quotes: false });
    expect(rows).toEqual([
      { place: `${found}, line 1`, values: { label: 'ham', text: 'so "he" said' } },
      { place: `${found}, line 2`, values: { label: 'spam', text: '"win, now' } },
      { place: `${found}, line 4`, values: { label: 'ham', text: null } },
    ]);
    // What is said otherwise has an index of its own.
    await expect(tableOf(found, lines, { format: 'tsv', columns: ['label', 'text'] })).rejects.toThrow(
      `${found}, line 1: expected quotes around a whole field, received one within a field (column "text").`,
    );
    expect((await rowsOf(found, 'a\tb\n1\t2\n', { format: 'tsv' }))[0]!.values).toEqual({ a: '1', b: '2' });
    expect((await rowsOf(found, '{"a": 1}\n', { format: 'jsonl' }))[0]!.values).toEqual({ a: 1 });
  });

  it('has rows as those with a header and quotes have them', async () => {
    const plain = fc.string({ unit: fc.constantFrom('a', '"', ' ', ';', 'ü'), maxLength: 5 });
    const rows = fc.array(fc.tuple(plain, plain), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(rows, async (pairs) => {
        const bare = pairs.map(([a, b]) => `${a},x,${b}`).join('\n');
        const quoted = ['a,x,b', ...pairs.map((pair) => pair.map((part) => written(part, true)).join(',"x",'))];
        const found = await rowsOf(path, bare, { columns: ['a', 'x', 'b'], quotes: false });
        const same = await rowsOf(path, quoted.join('\n'));
        expect(found.map(({ values }) => values)).toEqual(same.map(({ values }) => values));
      }),
      { numRuns: 30 },
    );
  });

  it('is told from one that is said wrongly', async () => {
    await expect(tableOf(found, lines)).rejects.toThrow(
      /expected a file that ends with .*, received another\. Say its `format` \(csv, tsv, jsonl, parquet\), or give/,
    );
    await expect(tableOf(found, lines, { format: 'text' as never })).rejects.toThrow(
      'expected a format of csv, tsv, jsonl, parquet, received "text"',
    );
    await expect(tableOf(path, 'a\n', { columns: ['a', 'a'] })).rejects.toThrow(
      'expected columns with the name of each column once, received ["a","a"]',
    );
    await expect(tableOf(path, '1,2\n', { columns: ['a'] })).rejects.toThrow('expected 1 fields (a), received 2');
    await expect(tableOf(join(folder, 'a.jsonl'), '{}\n', { quotes: false })).rejects.toThrow(
      'expected quotes only for CSV, received false',
    );
  });

  it('is warned of where its first row is a header after all', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    await (await tableOf(path, 'a,b\n1,2\n', { columns: ['a', 'b'] })).close();
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining(`${path}, line 1: the first row holds the names of the columns`), 'BanyanWarning'],
    ]);
  });
});

describe('bad rows of CSV', () => {
  const bad = async (text: string | Uint8Array): Promise<string> => {
    const error = await tableOf(path, text).catch((reason: Error) => reason);
    return (error as Error).message;
  };
  const mend = ' Correct the row, or leave out a few such rows with onBadRow: { skip: N }.';
  const hint = ' Where quotes are text as any other in this file, say so: quotes: false.';

  it('are named by file, line and column', async () => {
    expect(await bad('text,label\na,b\n"x\r\ny",c\na,b,c\n')).toBe(
      `${path}, line 5: expected 2 fields (text, label), received 3.${mend}`,
    );
    expect(await bad('text,label\na,b"c\n')).toBe(
      `${path}, line 2: expected quotes around a whole field, received one within a field (column "label").${mend}${hint}`,
    );
    expect(await bad('text,label\n"a"b,c\n')).toBe(
      `${path}, line 2: expected the end of a field after its closing quote, received more text (column "text").${mend}${hint}`,
    );
    expect(await bad('text,label\na,b\nc,"d\ne,f\n')).toBe(
      `${path}, line 3: expected a closing quote, received none (column "label").${mend}${hint}`,
    );
  });

  it('are named by byte where they are not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('text,label\nü,b\na'), Buffer.from([0xe9]), Buffer.from(',c\n')]);
    expect(await bad(bytes)).toBe(
      `${path}, line 3: expected UTF-8 text, received the byte 0xe9 (byte 17 of the file; Latin-1 and Windows-1252 write "é" so).${mend}`,
    );
    expect(await bad(Buffer.from('t\xe9xt,label\na,b\n', 'latin1'))).toBe(
      `${path}, line 1: expected UTF-8 text, received the byte 0xe9 (byte 1 of the file; Latin-1 and Windows-1252 write "é" so). Save the file as UTF-8.`,
    );
    const utf16 = Buffer.from('\ufefftext,label\n', 'utf16le');
    expect(await bad(utf16)).toBe(
      `${path}, line 1: expected UTF-8 text, received UTF-16, little-endian. Save the file as UTF-8.`,
    );
    expect(await bad(Buffer.from(utf16).swap16())).toContain('received UTF-16, big-endian.');
    expect(await bad(utf16.subarray(2))).toContain('received UTF-16, little-endian, without its mark.');
    expect(await bad(Buffer.concat([utf16.subarray(0, 2), Buffer.alloc(2)]))).toContain('received UTF-32.');
  });

  it('are left out, so many of them, and listed', async () => {
    const text = Buffer.concat([
      Buffer.from('a,b\n1,2\n"open,2\n3,4\n5\n6,7\n8,'),
      Buffer.from([0xff]),
      Buffer.from('\n9,"10"\n'),
    ]);
    const table = await tableOf(path, text, { onBadRow: { skip: 3 } });
    expect((await scanned(table)).map(({ values }) => values.a)).toEqual(['1', '3', '6', '9']);
    expect(table.skipped).toEqual([
      {
        place: `${path}, line 3`,
        reason: 'expected the end of a field after its closing quote, received more text (column "a")',
      },
      { place: `${path}, line 5`, reason: 'expected 2 fields (a, b), received 1' },
      { place: `${path}, line 7`, reason: expect.stringContaining('received the byte 0xff (byte 28 of the file') },
    ]);
    await table.close();
    // The index that is there does not permit more than is said now.
    await expect(tableOf(path, text, { onBadRow: { skip: 2 } })).rejects.toThrow(
      /line 7: expected UTF-8 text.* Rows that cannot be read before it: 2, as many as onBadRow permits\. Correct the rows, or raise skip\.$/,
    );
    // From the index that is there, too.
    await expect(tableOf(path, text)).rejects.toThrow(/line 3: expected the end.* say so: quotes: false\.$/);
    for (const skip of [-1, 0.5, Number.NaN]) {
      await expect(tableOf(path, text, { onBadRow: { skip } })).rejects.toThrow(
        `a whole number N >= 0, received skip ${skip}`,
      );
    }
  });
});

describe('the header of CSV', () => {
  afterEach(() => vi.restoreAllMocks());

  it('names each column once, in composed letters', async () => {
    const table = await tableOf(path, '\n \nu\u0308,b\n1,2\n');
    expect(table.columns).toEqual(['\u00fc', 'b']);
    await table.close();
    await expect(tableOf(path, '\na,b,a\n1,2,3\n')).rejects.toThrow(
      `${path}, line 2: expected a header that names each column once, received "a" twice. Give one of them another name.`,
    );
    await expect(tableOf(path, '\u00fc,u\u0308\n1,2\n')).rejects.toThrow('received "ü" twice');
    await expect(tableOf(path, 'a,"b\n1,2\n')).rejects.toThrow(
      'line 1: expected a closing quote, received none (in the header, field 2). Correct the header. Where quotes are text as any other in this file, say so: quotes: false.',
    );
  });

  it('is there, and rows after it', async () => {
    await expect(tableOf(path, '')).rejects.toThrow(
      `${path}, line 1: expected a header with the names of the columns, received none.`,
    );
    await expect(tableOf(path, 'a,b\n\n')).rejects.toThrow(
      `${path}, line 3: expected rows, received the end of the file. Fetch the file again.`,
    );
  });

  it('is warned of where another delimiter seems to be meant', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    await rowsOf(path, 'a;b\n1;2\n');
    expect(warn).toHaveBeenCalledWith(
      `${path} has one column, "a;b". If ";" stands between its fields, say so: delimiter: ";".`,
      'BanyanWarning',
    );
  });
});
