import { mkdir, mkdtemp, readdir, readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeSafetensors,
  encodeSafetensors,
  joinNumbers,
  readFolder,
  type StoredTensor,
  separateNumbers,
  writeFolder,
} from '../../src/checkpoint/index.ts';
import { clearUnfinished } from '../../src/files/durable.ts';
import type { SourceState } from '../../src/task/source.ts';

const tensor = (values: number[]): StoredTensor => ({
  shape: [values.length],
  dtype: 'float32',
  values: Float32Array.from(values),
});

describe('states of sources', () => {
  it('come back as they were, whatever stands in them', () => {
    const numbers = fc.array(fc.float({ noNaN: true }), { maxLength: 4 }).map((list) => Float32Array.from(list));
    const state = fc.letrec((tie) => ({
      state: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, 3, 'a/b', { $numbers: 'source' }),
        numbers,
        fc.array(tie('state'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'b', '0', '$numbers', 'a/b'), tie('state'), { maxKeys: 3 }),
      ),
    })).state as fc.Arbitrary<SourceState>;
    fc.assert(
      fc.property(state, (given) => {
        const apart = new Map<string, StoredTensor>();
        const json = JSON.parse(JSON.stringify(separateNumbers(given, 'source', apart)));
        const file = decodeSafetensors(encodeSafetensors(apart), 'file');
        expect(joinNumbers(json, 'source', file)).toEqual(given);
      }),
    );
  });
});

describe('safetensors', () => {
  it('gives back what was written, whatever the names and numbers', () => {
    const stored = fc
      .tuple(fc.boolean(), fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }))
      .map(([float, shape]): StoredTensor => {
        const count = shape.reduce((a, b) => a * b, 1);
        const values = float
          ? Float32Array.from({ length: count }, (_, i) => i / 3)
          : Int32Array.from({ length: count }, (_, i) => -i);
        return { shape, dtype: float ? 'float32' : 'int32', values };
      });
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1 }).filter((name) => name !== '__metadata__'),
          stored,
        ),
        (record) => {
          const tensors = new Map(Object.entries(record));
          const bytes = encodeSafetensors(tensors);
          const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
          expect(length % 8).toBe(0);
          expect(new Map([...decodeSafetensors(bytes, 'x')].sort())).toEqual(new Map([...tensors].sort()));
        },
      ),
      { seed: 2, numRuns: 100 },
    );
  });

  it('has the published layout', () => {
    const bytes = encodeSafetensors(new Map([['w', tensor([1.5])]]));
    expect(Buffer.from(bytes.subarray(8, -4)).toString().trimEnd()).toBe(
      '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
    );
    expect([...bytes.subarray(-4)]).toEqual([0, 0, 0xc0, 0x3f]);
  });

  it('keeps names that every object has', () => {
    const names = ['__proto__', 'constructor', 'prototype', 'toString'];
    const tensors = new Map(names.map((name, i) => [name, tensor([i])]));
    expect(new Map(decodeSafetensors(encodeSafetensors(tensors), 'f'))).toEqual(new Map(tensors));
    expect(({} as { shape?: unknown }).shape).toBeUndefined();
  });

  // Files made by Python's safetensors 0.6 with numpy 2 and ml_dtypes; the bits by numpy's astype(float32).
  it.each([
    [
      'F16',
      'OAAAAAAAAAB7IngiOnsiZHR5cGUiOiJGMTYiLCJzaGFwZSI6WzEzXSwiZGF0YV9vZmZzZXRzIjpbMCwyNl19fQAAAIAAPADBZi7/ewEAAYD/A/cBAHwA/AB+',
      [
        0, 2147483648, 1065353216, 3223322624, 1036828672, 1199562752, 864026624, 3011510272, 947896320, 939229184,
        2139095040, 4286578688, 2143289344,
      ],
    ],
    [
      'BF16',
      'QAAAAAAAAAB7IngiOnsiZHR5cGUiOiJCRjE2Iiwic2hhcGUiOlsxMV0sImRhdGFfb2Zmc2V0cyI6WzAsMjJdfX0gICAgICAgAAAAgIA/IMDNPXh/AQABgIB/gP/Afw==',
      [
        0, 2147483648, 1065353216, 3223322624, 1036845056, 2138570752, 65536, 2147549184, 2139095040, 4286578688,
        2143289344,
      ],
    ],
    [
      'F64',
      'OAAAAAAAAAB7IngiOnsiZHR5cGUiOiJGNjQiLCJzaGFwZSI6WzZdLCJkYXRhX29mZnNldHMiOlswLDQ4XX19IJqZmZmZmbk/nHUAiDzkN/5hVSwkzkRiNgAAABAAAHBBAAAAAAAA+H+cV3cnJmyhNw==',
      [1036831949, 4286578688, 0, 1266679808, 2143289344, 71362],
    ],
  ])('reads %s as float32, to the bit', (_, text, bits) => {
    const { dtype, values } = decodeSafetensors(Buffer.from(text, 'base64'), 'f').get('x')!;
    expect(dtype).toBe('float32');
    expect([...new Uint32Array(values.slice().buffer)]).toEqual(bits);
  });

  it.each([
    ['I8', 'OAAAAAAAAAB7IngiOnsiZHR5cGUiOiJJOCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzAsMl19fSAgIIB/', [-128, 127]],
    ['U8', 'OAAAAAAAAAB7IngiOnsiZHR5cGUiOiJVOCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzAsMl19fSAgIAD/', [0, 255]],
    [
      'I16',
      'OAAAAAAAAAB7IngiOnsiZHR5cGUiOiJJMTYiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlswLDRdfX0gIACA/38=',
      [-32768, 32767],
    ],
    ['U16', 'OAAAAAAAAAB7IngiOnsiZHR5cGUiOiJVMTYiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlswLDRdfX0gIAAA//8=', [0, 65535]],
    [
      'I64',
      'OAAAAAAAAAB7IngiOnsiZHR5cGUiOiJJNjQiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlswLDE2XX19IAAAAID/////////fwAAAAA=',
      [-(2 ** 31), 2 ** 31 - 1],
    ],
    [
      'U32',
      'OAAAAAAAAAB7IngiOnsiZHR5cGUiOiJVMzIiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlswLDhdfX0gIAAAAAD///9/',
      [0, 2 ** 31 - 1],
    ],
    [
      'U64',
      'OAAAAAAAAAB7IngiOnsiZHR5cGUiOiJVNjQiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlswLDE2XX19IAAAAAAAAAAABwAAAAAAAAA=',
      [0, 7],
    ],
    ['BOOL', 'OAAAAAAAAAB7IngiOnsiZHR5cGUiOiJCT09MIiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbMCwyXX19IAEA', [1, 0]],
  ])('reads %s as int32', (_, text, numbers) => {
    const { dtype, values } = decodeSafetensors(Buffer.from(text, 'base64'), 'f').get('x')!;
    expect({ dtype, values: [...values] }).toEqual({ dtype: 'int32', values: numbers });
  });

  it('calls what it does not know unsupported, not damaged', () => {
    const big = 'OAAAAAAAAAB7IngiOnsiZHR5cGUiOiJJNjQiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOlswLDhdfX0gIAAAAIAAAAAA';
    expect(() => decodeSafetensors(Buffer.from(big, 'base64'), 'f')).toThrow(
      'f: "x" holds 2147483648, expected whole numbers from -2147483648 to 2147483647. Save it as F64.',
    );
    const header = (text: string) => Uint8Array.from([text.length, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from(text)]);
    expect(() => decodeSafetensors(header('{"w":{"dtype":"F8_E4M3","shape":[0],"data_offsets":[0,0]}}'), 'f')).toThrow(
      'f: "w" has the type F8_E4M3, which cannot be read. Expected one of F32, F16, BF16, F64, I32, I16, U16, I8, U8, BOOL, U32, I64, U64. Save it as F32.',
    );
    for (const text of [
      '{"w":null}',
      '{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}}',
      '{"w":{"dtype":"F32"}}',
    ])
      expect(() => decodeSafetensors(header(text), 'f')).toThrow(
        'f, byte 8: "w" lacks a dtype, a shape or two data_offsets. The file is damaged; use another copy.',
      );
    expect(() => decodeSafetensors(header('null'), 'f')).toThrow(
      'expected a JSON header with an entry for each tensor',
    );
  });

  it('says where a damaged file is wrong', () => {
    const bytes = encodeSafetensors(new Map([['w', tensor([1, 2])]]));
    expect(() => decodeSafetensors(bytes.subarray(0, 5), 'f')).toThrow(
      'f, byte 5: expected 8 bytes of header length, received 5.',
    );
    expect(() => decodeSafetensors(bytes.subarray(0, bytes.length - 1), 'f')).toThrow(
      /f, byte \d+: "w" \[2\] needs 8 bytes, received 7\./,
    );
    const broken = Uint8Array.from(bytes);
    broken[8] = 0;
    expect(() => decodeSafetensors(broken, 'f')).toThrow('f, byte 8: expected a JSON header.');
  });
});

describe('a checkpoint folder', () => {
  const files = new Map([['a.bin', Uint8Array.of(1, 2, 3)]]);
  const place = () => mkdtemp(join(tmpdir(), 'banyan-folder-'));

  it('is read back, and replaces the one before', async () => {
    const dir = join(await place(), 'here');
    await writeFolder(dir, new Map([['old.bin', Uint8Array.of(9)]]), 'old');
    await writeFolder(dir, files, { step: 3 });
    const read = await readFolder(dir);
    expect(read.content).toEqual({ step: 3 });
    expect([...read.files.get('a.bin')!]).toEqual([1, 2, 3]);
    expect((await readdir(dir)).sort()).toEqual(['a.bin', 'manifest.json']);
  });

  it('keeps infinities, which JSON has no word for', async () => {
    const dir = join(await place(), 'here');
    const content = { clip: Number.POSITIVE_INFINITY, least: [Number.NEGATIVE_INFINITY], text: '1e999' };
    await writeFolder(dir, files, content);
    expect((await readFolder(dir)).content).toEqual(content);
  });

  it('leaves nothing behind when writing fails, and the old one as it was', async () => {
    const parent = await place();
    const dir = join(parent, 'here');
    await writeFolder(dir, files, 'old');
    await expect(
      writeFolder(dir, new Map([...files, ['no/such/folder.bin', Uint8Array.of(1)]]), 'new'),
    ).rejects.toThrow();
    expect(await readdir(parent)).toEqual(['here']);
    expect((await readFolder(dir)).content).toBe('old');
  });

  it('is still there when a kill fell between the two renames of a replacement', async () => {
    const parent = await place();
    const dir = join(parent, 'here');
    await writeFolder(dir, files, 'old');
    await rename(dir, join(parent, '.here.old'));
    expect((await readFolder(dir)).content).toBe('old');
    await writeFolder(dir, files, 'new');
    expect((await readFolder(dir)).content).toBe('new');
    expect(await readdir(parent)).toEqual(['here']);
  });

  it("does not replace somebody's files", async () => {
    const dir = await place();
    await writeFile(join(dir, 'thesis.txt'), 'years of work');
    await expect(writeFolder(dir, files, 1)).rejects.toThrow(
      /holds other files \(thesis\.txt\), expected a saved network/,
    );
    expect(await readFile(join(dir, 'thesis.txt'), 'utf8')).toBe('years of work');
    await writeFolder(await place(), files, 1);
  });

  it('is cleared of what a killed writer left', async () => {
    const parent = await place();
    await mkdir(join(parent, '.step-1.01234567-89ab-4cde-8f01-23456789abcd.tmp'));
    await mkdir(join(parent, '.step-mine.tmp'));
    await writeFolder(join(parent, 'step-2'), files, 1);
    const other = '.other.01234567-89ab-4cde-8f01-23456789abcd.tmp';
    await mkdir(join(parent, other));
    await clearUnfinished(parent, 'step-');
    expect((await readdir(parent)).sort()).toEqual([other, '.step-mine.tmp', 'step-2'].sort());
    await clearUnfinished(parent);
    expect((await readdir(parent)).sort()).toEqual(['.step-mine.tmp', 'step-2']);
    await clearUnfinished(join(parent, 'none'));
  });

  it('refuses a folder that is not whole', async () => {
    const parent = await place();
    const dir = join(parent, 'here');
    await expect(readFolder(dir)).rejects.toThrow(/expected a manifest\.json, and it cannot be read/);
    await writeFolder(dir, files, 1);
    await writeFile(join(dir, 'a.bin'), Uint8Array.of(1, 2, 4));
    await expect(readFolder(dir)).rejects.toThrow(/a\.bin: its sha256 differs/);
    await truncate(join(dir, 'a.bin'), 2);
    await expect(readFolder(dir)).rejects.toThrow(/a\.bin: expected 3 bytes, received 2/);
    await writeFile(join(dir, 'manifest.json'), (await readFile(join(dir, 'manifest.json'), 'utf8')).slice(0, 20));
    await expect(readFolder(dir)).rejects.toThrow(/manifest\.json is damaged: its sha256 is another one/);
    await mkdir(join(parent, 'empty'));
    await expect(readFolder(join(parent, 'empty'))).rejects.toThrow(/cannot be read/);
  });
});
