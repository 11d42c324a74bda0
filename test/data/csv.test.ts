import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { readCsv } from '../../src/data/index.ts';
import { loadPeer } from '../../src/data/peer.ts';

const folder = mkdtempSync(join(tmpdir(), 'banyan-csv-'));
const path = join(folder, 'a.csv');
const read = (content: string | Uint8Array) => {
  writeFileSync(path, content);
  return readCsv(path, { columns: ['text', 'label'] });
};

describe('readCsv', () => {
  it('gives the wanted columns with the line on which each record begins', () => {
    const rows = read('\ufefflabel,other,text\r\na,1,plain\r\nb,2,"two\r\nlines, ""quoted"""\r\nc,3,ü\r\n');
    expectTypeOf(rows[0]!.values).toEqualTypeOf<Readonly<Record<'text' | 'label', string>>>();
    expect(rows).toEqual([
      { line: 2, values: { text: 'plain', label: 'a' } },
      { line: 3, values: { text: 'two\r\nlines, "quoted"', label: 'b' } },
      { line: 5, values: { text: 'ü', label: 'c' } },
    ]);
  });

  it('names file and line of a row with another number of fields', () => {
    expect(() => read('text,label\na,b\n"x\ny",c\na,b,c\n')).toThrow(
      `${path}, line 5: expected 2 fields (text, label), received 3. Correct the row.`,
    );
    expect(() => read('text,label\r\na,b\n\n\ra\r')).toThrow(/line 5: expected 2 fields .*, received 1/);
  });

  it('ends each line where it ends, whatever other lines end with', () => {
    const rows = ['text,label', 'hi,cat', '"one\r\ntwo\rthree\nfour",dog', 'yo,"cat"'];
    const ends = ['\n', '\r\n', '\r'];
    for (const a of ends) {
      for (const b of ends) {
        for (const c of ends) {
          const [header, ...others] = rows;
          const found = read(header + a + others[0] + b + others[1] + c + others[2] + a);
          expect(found.map(({ line }) => line)).toEqual([2, 3, 7]);
          expect(found.map(({ values }) => values)).toEqual([
            { text: 'hi', label: 'cat' },
            { text: 'one\r\ntwo\rthree\nfour', label: 'dog' },
            { text: 'yo', label: 'cat' },
          ]);
        }
      }
    }
  });

  it('takes blank lines for no rows, and empty fields for fields', () => {
    const rows = read('\ufeff\r\n \ntext,label\n\na,b\r\n \t\r\n,\n\r\n\r\n"",c\n\n');
    expect(rows).toEqual([
      { line: 5, values: { text: 'a', label: 'b' } },
      { line: 7, values: { text: '', label: '' } },
      { line: 10, values: { text: '', label: 'c' } },
    ]);
    writeFileSync(path, 'text\n""\n\n');
    expect(readCsv(path, { columns: ['text'] })).toEqual([{ line: 2, values: { text: '' } }]);
    expect(() => read('\n\ntext,lable\na,b\n')).toThrow(`${path}, line 3: expected a header that names "label" once`);
    expect(() => read('text,label\n\n\n')).toThrow('line 4: expected rows after the header');
  });

  it('takes a file without rows for one that is not whole', () => {
    expect(() => read('text,label\n')).toThrow(
      `${path}, line 2: expected rows after the header, received the end of the file.`,
    );
  });

  it('checks the header', () => {
    expect(() => read('text,lable\na,b\n')).toThrow(
      `${path}, line 1: expected a header that names "label" once, received "text,lable". Correct the header or the file's name.`,
    );
    expect(() => read('text,label,text\na,b,c\n')).toThrow(/names "text" once/);
    expect(() => read('')).toThrow(/line 1: expected a header/);
  });

  it('names file and line of broken quotes', () => {
    expect(() => read('text,label\na,b\n"x\r\ny",b\n"open,c\n')).toThrow(
      `${path}, line 5: expected CSV after RFC 4180, received a fault (Quote Not Closed: the parsing is finished with an opening quote). Correct the row.`,
    );
    expect(() => read('text,label\na"b,c\n')).toThrow(/line 2: expected CSV/);
  });

  it('names line and byte of text that is not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('text,label\nü,b\na'), Buffer.from([0xe9]), Buffer.from(',c\n')]);
    expect(() => read(bytes)).toThrow(
      `${path}, line 3, byte 17: expected UTF-8 text, received the byte 0xe9. Save the file as UTF-8.`,
    );
    expect(() => read(bytes.map((byte) => (byte === 0x0a ? 0x0d : byte)))).toThrow(/line 3, byte 17/);
    expect(() => read(Uint8Array.of(0x74, 0xf0, 0x9f))).toThrow(/line 1, byte 1: .* 0xf0/);
    expect(() => readCsv(join(folder, 'none.csv'), { columns: ['a'] })).toThrow(
      /cannot be opened: expected a readable CSV file/,
    );
  });
});

describe('loadPeer', () => {
  it('names the package, what needs it and the command', () => {
    expect(() => loadPeer('no-such-package/sync', 'Reading a.csv')).toThrow(
      /^Reading a\.csv needs the optional package "no-such-package", which did not load .*npm install no-such-package$/,
    );
  });
});
