// Files of ours with everything wrong in them: what reads them refuses them as BanyanError, or they are what they say.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  decodeSafetensors,
  encodeSafetensors,
  readFolder,
  type StoredTensor,
  writeFolder,
} from '../../src/checkpoint/index.ts';
import { BanyanError } from '../../src/index.ts';
import { changed, sealed } from './changed.ts';

/** What `read` gives, or undefined where it refuses as a reader of files does. Any other failure is the test's. */
function refusing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof BanyanError && error.code === 'checkpoint') return undefined;
    throw error;
  }
}

const tensor = (...shape: number[]): StoredTensor => {
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i);
  return { shape, dtype: 'float32', values };
};
const tensors = new Map([
  ['a', tensor(2, 3)],
  ['b', tensor()],
  ['empty', tensor(0, 4)],
  ['stem/c', tensor(5)],
]);

/** A header of a safetensors file and so many bytes of data. */
function safetensors(header: unknown, data: number): Uint8Array {
  const text = Buffer.from(JSON.stringify(header) ?? '');
  const bytes = Buffer.alloc(8 + text.length + data);
  bytes.writeBigUInt64LE(BigInt(text.length));
  text.copy(bytes, 8);
  return bytes;
}

const SIZES: Readonly<Record<string, number>> = {
  F64: 8,
  I64: 8,
  U64: 8,
  F32: 4,
  I32: 4,
  U32: 4,
  F16: 2,
  BF16: 2,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/** Of a manifest's text with its own digits as zeros. */
const sha256Of = (bytes: Buffer) =>
  createHash('sha256')
    .update(Buffer.concat([bytes.subarray(0, 15), Buffer.from('0'.repeat(64)), bytes.subarray(79)]))
    .digest('hex');

export function fuzzSafetensors(runs: number): void {
  const whole = encodeSafetensors(tensors);
  const length = Number(new DataView(whole.buffer).getBigUint64(0, true));
  const header = JSON.parse(Buffer.from(whole.subarray(8, 8 + length)).toString());
  const data = whole.length - 8 - length;
  const offsets = fc.tuple(fc.integer({ min: -8, max: 60 }), fc.integer({ min: -8, max: 60 }));
  const entry = fc.record({
    dtype: fc.constantFrom(...Object.keys(SIZES), 'F8'),
    shape: fc.array(
      fc.oneof(fc.integer({ min: -1, max: 6 }), fc.constantFrom(2 ** 31, 2 ** 32, 2 ** 52, 2 ** 53 - 1, 0.5)),
      { maxLength: 4 },
    ),
    data_offsets: offsets,
  });
  const file = fc.oneof(
    fc.tuple(changed(header), fc.integer({ min: 0, max: 2 * data })).map(([head, bytes]) => safetensors(head, bytes)),
    changed(header).map((head) => safetensors(head, data)),
    fc
      .tuple(fc.dictionary(fc.string(), entry, { maxKeys: 4 }), fc.integer({ min: 0, max: 60 }))
      .map(([head, bytes]) => safetensors(head, bytes)),
    fc.tuple(fc.nat({ max: whole.length * 8 - 1 }), fc.nat({ max: whole.length })).map(([bit, end]) => {
      const bytes = Uint8Array.from(end % 3 === 0 ? whole.subarray(0, end) : whole);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      return bytes;
    }),
    fc.uint8Array({ maxLength: 80 }),
  );
  fc.assert(
    fc.property(file, (bytes) => {
      const decoded = refusing(() => decodeSafetensors(bytes, 'file'));
      if (decoded === undefined) return;
      const head = JSON.parse(
        Buffer.from(bytes.subarray(8, 8 + Number(Buffer.from(bytes).readBigUInt64LE()))).toString(),
      );
      const spans: (readonly [number, number])[] = [];
      for (const [name, { shape, values }] of decoded) {
        assert(shape.every((size) => Number.isSafeInteger(size) && size >= 0));
        assert.equal(
          values.length,
          shape.reduce((product, size) => product * size, 1),
        );
        const { dtype, data_offsets } = Object.entries(head).find(([key]) => key === name)![1] as {
          dtype: string;
          data_offsets: [number, number];
        };
        assert.equal(data_offsets[1] - data_offsets[0], values.length * SIZES[dtype]!);
        if (values.length > 0) spans.push(data_offsets);
      }
      // One after the other, to the end.
      spans.sort(([a], [b]) => a - b);
      assert.deepEqual(
        spans.map(([begin]) => begin),
        [0, ...spans.map(([, end]) => end)].slice(0, spans.length),
      );
    }),
    { numRuns: runs },
  );
}

export async function fuzzManifest(runs: number, place: string): Promise<void> {
  const folder = join(place, 'fuzzed');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'a.bin'), Uint8Array.of(1, 2, 3));
  const sha256 = '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81';
  const content = { step: 3, deep: [{ a: [1, 2] }] };
  const manifest = { format: 'banyan', version: 2, content, files: { 'a.bin': { bytes: 3, sha256 } } };
  const text = sealed(manifest);
  const file = fc.oneof(
    changed(manifest).map((other) => sealed(typeof other === 'object' && other !== null ? other : { other })),
    changed(manifest).map((other) => Buffer.from(JSON.stringify(other) ?? '')),
    fc.tuple(fc.nat({ max: text.length * 8 - 1 }), fc.nat({ max: text.length })).map(([bit, end]) => {
      const bytes = Buffer.from(end % 3 === 0 ? text.subarray(0, end) : text);
      if (bit >> 3 < bytes.length) bytes[bit >> 3]! ^= 1 << (bit & 7);
      return bytes;
    }),
  );
  await fc.assert(
    fc.asyncProperty(file, async (bytes) => {
      writeFileSync(join(folder, 'manifest.json'), bytes);
      const read = await readFolder(folder).catch((error) =>
        refusing(() => {
          throw error;
        }),
      );
      if (read === undefined) return;
      // A seal that is right: then it is what it says, and its files are those of the folder.
      const said = JSON.parse(bytes.toString());
      assert.equal(said.sha256, sha256Of(bytes));
      assert.deepEqual(read.content, said.content);
      assert([...read.files.keys()].every((name) => name === 'a.bin'));
    }),
    { numRuns: runs },
  );
}

/** Flips every so many bits of a manifest, one at a time: each is noticed. Returns how many. */
export async function flipBits(every: number, place: string): Promise<number> {
  const folder = join(place, 'flipped');
  const content = { step: 3, positions: { a: 24 } };
  await writeFolder(folder, new Map([['a.bin', Uint8Array.of(1, 2, 3)]]), content);
  const path = join(folder, 'manifest.json');
  const whole = readFileSync(path);
  let flips = 0;
  for (let bit = 0; bit < 8 * whole.length; bit += every, flips++) {
    const flipped = Buffer.from(whole);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    writeFileSync(path, flipped);
    const said = await readFolder(folder).then(
      () => 'accepted',
      (error) => `${error.code}: ${error.message}`,
    );
    assert(said.startsWith(`checkpoint: ${folder}: manifest.json is `), `bit ${bit}: ${said}`);
  }
  writeFileSync(path, whole);
  assert.deepEqual((await readFolder(folder)).content, content);
  return flips;
}
