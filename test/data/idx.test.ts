import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readIdx } from '../../src/data/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'banyan-idx-'));

function idx(shape: readonly number[], data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  bytes.set([0, 0, 8, shape.length]);
  for (const [i, size] of shape.entries()) new DataView(bytes.buffer).setUint32(4 + 4 * i, size);
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const good = idx([2, 3], Uint8Array.of(1, 2, 3, 4, 5, 6));

describe('readIdx', () => {
  it('reads back what was written, plain and gzipped', () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(shapes, fc.boolean(), (shape, gzip) => {
        const data = Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (7 * i) % 256);
        const bytes = idx(shape, data);
        const file = readIdx(write('round-trip', gzip ? gzipSync(bytes) : bytes));
        const size = data.length / shape[0]!;
        expect(file.shape).toEqual(shape);
        expect([...file.read(0, shape[0]!)]).toEqual([...data]);
        for (let i = 0; i < shape[0]!; i++) {
          expect([...file.read(i, i + 1)]).toEqual([...data.subarray(i * size, (i + 1) * size)]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('refuses places that are not in the file, plain or gzipped', () => {
    for (const path of [write('plain', good), write('packed', gzipSync(good))]) {
      const file = readIdx(path);
      for (const [start, end] of [
        [-1, 1],
        [0, 3],
        [2, 3],
        [1, 0],
        [0, 1.5],
        [Number.NaN, 1],
      ] as const) {
        expect(() => file.read(start, end)).toThrow(
          `${path}: there are no elements ${start} to ${end - 1}, expected whole numbers from 0 to 1. Ask for some of those.`,
        );
      }
      expect(file.read(2, 2).length).toBe(0);
    }
  });

  it('names file and byte of a wrong magic number or type', () => {
    const path = write('magic', Uint8Array.of(1, 2, 3, 4, 5));
    expect(() => readIdx(path)).toThrow(
      `${path}, byte 0: expected the magic number of an IDX file of unsigned bytes (00 00 08 and the number of dimensions), received 01 02 03 04. Give an IDX file of unsigned bytes.`,
    );
    expect(() => readIdx(write('floats', Uint8Array.of(0, 0, 0x0d, 1, 0, 0, 0, 0)))).toThrow(/received 00 00 0d 01/);
    expect(() => readIdx(write('empty', new Uint8Array()))).toThrow(/received no bytes/);
    expect(() => readIdx(write('gzipped-magic', gzipSync('not idx')))).toThrow(/byte 0: .*received 6e 6f 74 20/);
  });

  it('names file and byte of truncated and trailing bytes', () => {
    const longer = Uint8Array.of(...good, 0);
    for (const [name, pack] of [
      ['plain', (b: Uint8Array) => b],
      ['gz', gzipSync],
    ] as const) {
      expect(() => readIdx(write(`short.${name}`, pack(good.subarray(0, -2))))).toThrow(
        /byte 16: the file is truncated. Expected 18 bytes for dimensions \[2, 3\], received 16 /,
      );
      expect(() => readIdx(write(`long.${name}`, pack(longer)))).toThrow(
        /byte 18: bytes trail. Expected 18 bytes .*, received 19 /,
      );
      expect(() => readIdx(write(`header.${name}`, pack(good.subarray(0, 6))))).toThrow(
        /byte 6: expected a header of 12 bytes/,
      );
    }
  });

  it('refuses to inflate what memory cannot hold', () => {
    const header = Uint8Array.of(0, 0, 8, 2, 0, 0xff, 0xff, 0xff, 0, 0, 0xff, 0xff);
    expect(() => readIdx(write('huge.gz', gzipSync(header)))).toThrow(/byte 4: dimensions .* Unpack it with gunzip/);
    expect(() => readIdx(write('huge', header))).toThrow(/byte 12: the file is truncated/);
  });

  it('says that gzip data is cut or broken', () => {
    const data = Uint8Array.from({ length: 50_000 }, (_, i) => (i * i * 31) % 251);
    const packed = gzipSync(idx([500, 100], data));
    expect(() => readIdx(write('cut.gz', packed.subarray(0, packed.length - 40)))).toThrow(
      /cut\.gz.*(ends early|gzip|truncated)/,
    );
    expect(() => readIdx(write('unsealed.gz', packed.subarray(0, packed.length - 3)))).toThrow(/ends early/);
    const broken = Uint8Array.from(packed);
    broken.fill(0x55, 200, 300);
    expect(() => readIdx(write('broken.gz', broken))).toThrow(/broken\.gz.*gzip/);
    expect(() => readIdx(join(folder, 'no-such-file'))).toThrow(/cannot be opened: expected a readable IDX file/);
    expect(() => readIdx(folder)).toThrow(
      `${folder} cannot be read: it is a folder, not a file. Give the path of a file.`,
    );
  });
});
