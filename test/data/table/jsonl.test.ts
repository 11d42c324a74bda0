import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowsOf, scanned, tableFolder, tableOf } from './tables.ts';

const folder = tableFolder();
const path = join(folder, 'a.jsonl');
const mend = ' Correct the row, or leave out a few such rows with onBadRow: { skip: N }.';

describe('a table of JSON Lines', () => {
  it("gives what was written, in the file's order and in any other", async () => {
    const cell = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value).normalize('NFC')));
    const row = fc.record({ a: cell, b: cell, c: cell }, { requiredKeys: ['a'] });
    const rows = fc.array(row, { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.constantFrom('\n', '\r\n', '\n \n'),
        fc.infiniteStream(fc.nat()),
        async (written, end, numbers) => {
          const table = await tableOf(path, written.map((values) => JSON.stringify(values).normalize('NFD')).join(end));
          const read = await scanned(table);
          expect(read.map(({ values }) => values)).toEqual(
            written.map((values) =>
              Object.fromEntries(table.columns.map((name) => [name, values[name as 'a'] ?? null])),
            ),
          );
          const asked = [...numbers.take(20)].map((number) => number % written.length);
          expect(await table.rows(asked)).toEqual(asked.map((number) => read[number]));
          await table.close();
        },
      ),
      { numRuns: 50 },
    );
  });

  it('has the keys of all rows for columns, and null where one is absent', async () => {
    const rows = await rowsOf(path, '\ufeff{"b": 1, "a": [true]}\n\n{"c": {"u\u0308": "u\u0308"}, "toString": null}');
    expect(rows).toEqual([
      { place: `${path}, line 1`, values: { b: 1, a: [true], c: null, toString: null } },
      { place: `${path}, line 3`, values: { b: null, a: null, c: { '\u00fc': '\u00fc' }, toString: null } },
    ]);
  });

  it('names the line of what is no object', async () => {
    const bad = (line: string) => tableOf(path, `{"a": 1}\n${line}\n`).catch((error: Error) => error.message);
    expect(await bad('{"a": 1')).toMatch(
      /line 2: expected an object in JSON, received a fault \(.*\)\. Correct the row/,
    );
    const deep = `{"a": ${'['.repeat(1e5)}${']'.repeat(1e5)}}`;
    expect(await bad(deep)).toMatch(/line 2: expected an object in JSON, received a fault \(.*stack/);
    expect(await bad('[1]')).toBe(`${path}, line 2: expected an object such as {"a": 1}, received a list.${mend}`);
    expect(await bad('null')).toContain('received null.');
    expect(await bad('"a"')).toContain('received a string.');
    expect(await bad('{"\u00fc": 1, "u\u0308": 2}')).toContain(
      'line 2: expected keys that differ after Unicode normalisation, received 1 that do not.',
    );
  });

  it('refuses rows that all have keys of their own', async () => {
    const rows = Array.from({ length: 101 }, (_, r) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: 100 }, (_, k) => [`${r}-${k}`, 1]))),
    );
    await expect(tableOf(path, rows.join('\n'))).rejects.toThrow(
      `${path}, line 101: expected at most 10000 different keys, received another. Put what has a key of its own in each row into a list.`,
    );
  });
});
