// Files of weights with whatever may be wrong in them: they are refused as BanyanError, or are what they say.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeSafetensors } from '../../src/checkpoint/index.ts';
import { BanyanError } from '../../src/error.ts';
import { readHdf5 } from '../../src/pretrained/formats/hdf5/read.ts';
import { openWeights } from '../../src/pretrained/formats/open.ts';
import { makeFifo, temporaryFolder } from '../repository.ts';
import { unpackModels } from './models.ts';

const folder = temporaryFolder();
unpackModels(folder);
const at = (name: string) => join(folder, name);

/** Reads all of a file. */
async function readAll(path: string) {
  const file = await openWeights(path);
  try {
    const tensors: Record<string, { shape: readonly number[]; values: Float32Array }> = {};
    for (const [name, { shape, read }] of file.tensors) tensors[name] = { shape, values: await read() };
    return tensors;
  } finally {
    await file.close();
  }
}

/** What is wrong with a file, or with one whose bytes were changed. */
async function faultOf(name: string, change?: (bytes: Buffer) => Uint8Array): Promise<string | undefined> {
  let path = at(name);
  if (change !== undefined) {
    path = at(`changed-${name.replace('/', '-')}`);
    writeFileSync(path, change(readFileSync(at(name))));
  }
  return readAll(path).then(
    () => undefined,
    (error: unknown) => {
      if (!(error instanceof BanyanError && error.code === 'checkpoint')) throw error;
      return error.message.replaceAll(folder, '…');
    },
  );
}

describe('HDF5 as Keras writes it', () => {
  it('is read with the optimiser left out, alone and in an archive', async () => {
    const weights = await readAll(at('layers.weights.h5'));
    expect(Object.entries(weights).map(([name, { shape }]) => [name, shape])).toEqual([
      ['layers/batch_normalization/vars/0', [3]],
      ['layers/batch_normalization/vars/1', [3]],
      ['layers/batch_normalization/vars/2', [3]],
      ['layers/batch_normalization/vars/3', [3]],
      ['layers/conv2d/vars/0', [3, 3, 1, 3]],
      ['layers/conv2d/vars/1', [3]],
      ['layers/dense/vars/0', [48, 8]],
      ['layers/dense/vars/1', [8]],
      ['layers/dense_1/vars/0', [8, 4]],
      ['layers/dense_1/vars/1', [4]],
    ]);
    expect(await readAll(at('layers.keras'))).toEqual(weights);
  });

  it('is refused where it is cut, or of a newer form', async () => {
    expect(await faultOf('layers.weights.h5', (bytes) => bytes.subarray(0, 50))).toBe(
      '…/changed-layers.weights.h5, byte 0: expected 96 bytes of HDF5, received 50. The file is damaged; use another copy.',
    );
    expect(await faultOf('layers.weights.h5', (bytes) => bytes.subarray(0, bytes.length - 200))).toContain(
      'The file is damaged',
    );
    const newer = (bytes: Buffer) => {
      bytes[8] = 3;
      return bytes;
    };
    expect(await faultOf('layers.weights.h5', newer)).toBe(
      '…/changed-layers.weights.h5, byte 8: expected a superblock of version 0, received 3. The file is damaged, or HDF5 of a form that is not read: save it again by Keras 3, or as safetensors.',
    );
  });

  it('ends with an error of ours, whichever bytes are others', async () => {
    const bytes = readFileSync(at('layers.weights.h5'));
    const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const copy = Uint8Array.from(bytes);
        for (const [place, byte] of list) copy[place] = byte;
        const read = async (begin: number, length: number) => copy.subarray(begin, begin + length);
        try {
          const tensors = await readHdf5({ path: 'changed', size: copy.length, read });
          for (const tensor of tensors.values()) await tensor.read();
        } catch (error) {
          if (!(error instanceof BanyanError && error.code === 'checkpoint')) throw error;
          refused++;
        }
      }),
      { numRuns: 300, seed: 5 },
    );
    expect(refused).toBeGreaterThan(10);
  });
});

describe('safetensors in several files', () => {
  const index = 'bert/model.safetensors.index.json';

  it('are one list of tensors', async () => {
    const { weight_map: fileOf } = JSON.parse(readFileSync(at(index), 'utf8')) as { weight_map: object };
    expect(new Set(Object.values(fileOf)).size).toBe(2);
    expect(Object.keys(await readAll(at(index)))).toEqual(Object.keys(fileOf));
  });

  it.each([
    [
      'a tensor that is elsewhere',
      { first: 'b.safetensors', second: 'b.safetensors' },
      'says that "first" is in …/b.safetensors, which does not have it',
    ],
    [
      'a tensor that it has not',
      { second: 'b.safetensors', first: 'a.safetensors' },
      'does not say that "third" is in …/b.safetensors',
    ],
    ['a file elsewhere', { first: '../a.safetensors' }, 'names the file "../a.safetensors", expected one beside it'],
    ['a file that is not there', { first: 'c.safetensors' }, 'there is no such file or folder'],
  ])('are refused for %s', async (_, map, fault) => {
    const tensor = { shape: [1], dtype: 'float32', values: Float32Array.of(1) } as const;
    writeFileSync(at('a.safetensors'), encodeSafetensors(new Map([['first', tensor]])));
    writeFileSync(
      at('b.safetensors'),
      encodeSafetensors(
        new Map([
          ['second', tensor],
          ['third', tensor],
        ]),
      ),
    );
    writeFileSync(at('x.safetensors.index.json'), JSON.stringify({ weight_map: map }));
    expect(await faultOf('x.safetensors.index.json')).toContain(fault);
  });

  it('are refused where one is cut', async () => {
    const name = 'vit/model.safetensors';
    expect(await faultOf(name, (bytes) => bytes.subarray(0, 4))).toBe(
      '…/changed-vit-model.safetensors, byte 4: expected 8 bytes of header length, received 4. The file is damaged; use another copy.',
    );
    expect(await faultOf(name, (bytes) => bytes.subarray(0, -1))).toContain('needs');
  });
});

describe('a saved tf.layers model', () => {
  const spec = (name: string, extra = {}) => ({ name, shape: [2], dtype: 'float32', ...extra });
  const group = (weights: object[], paths = ['group1-shard1of1.bin']) => ({ weightsManifest: [{ paths, weights }] });
  writeFileSync(at('group1-shard1of1.bin'), new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer));
  writeFileSync(at('half-1.bin'), new Uint8Array(Float32Array.of(1, 2, 3).buffer).subarray(0, 6));
  writeFileSync(at('half-2.bin'), new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer).subarray(6));
  const write = (content: unknown) => writeFileSync(at('model.json'), JSON.stringify(content));

  it('is read across its files, with the optimiser left out', async () => {
    write(group([spec('a/kernel'), spec('b/kernel', { group: 'optimizer' })]));
    expect(await readAll(at('model.json'))).toEqual({ 'a/kernel': { shape: [2], values: Float32Array.of(1, 2) } });
    write(group([spec('a/kernel'), spec('b/kernel')], ['half-1.bin', 'half-2.bin']));
    expect((await readAll(at('model.json')))['b/kernel']!.values).toEqual(Float32Array.of(3, 4));
  });

  it.each([
    ['another type', group([spec('a', { dtype: 'int32' })]), '"a" is int32, expected float32'],
    ['packed numbers', group([spec('a', { quantization: { dtype: 'uint8' } })]), '"a" is quantized, expected float32'],
    [
      'numbers that are not there',
      group([spec('a'), spec('b'), spec('c')]),
      'needs 24 bytes of numbers, and group1-shard1of1.bin have 16',
    ],
    ['no weights', { modelTopology: {} }, 'expected the groups of weights that a saved tf.layers model has'],
    [
      'frozen layers',
      { modelTopology: { layers: [{ config: { trainable: false } }] }, ...group([spec('a'), spec('b')]) },
      'was saved with frozen layers',
    ],
    ['a file elsewhere', group([spec('a')], ['../a.bin']), 'names the file "../a.bin", expected one beside it'],
    ['two weights of one name', group([spec('a'), spec('a')]), 'has two weights named "a"'],
  ])('is refused for %s', async (_, content, fault) => {
    write(content);
    expect(await faultOf('model.json')).toContain(fault);
  });
});

describe('a description that is very deep', () => {
  it('is looked through, to its bottom', async () => {
    const nested = (layer: string) => `${'['.repeat(100_000)}${layer}${']'.repeat(100_000)}`;
    const write = (layer: string) =>
      writeFileSync(at('model.json'), `{"modelTopology": ${nested(layer)}, "weightsManifest": []}`);
    write('{"trainable": true}');
    expect(await faultOf('model.json')).toBeUndefined();
    write('{"trainable": false}');
    expect(await faultOf('model.json')).toContain('was saved with frozen layers');
  });
});

describe('what is opened', () => {
  it('has to be a file of weights, or a folder with one', async () => {
    writeFileSync(at('model.bin'), '');
    expect(await faultOf('model.bin')).toBe(
      '…/model.bin is no file of weights that can be read. Expected a name that ends with .safetensors.index.json, .safetensors, .weights.h5, .keras, .json, or the folder of a saved network. Save the model in one of these forms.',
    );
    expect(await faultOf('.')).toContain('holds neither a saved network nor a model.safetensors');
    expect(await faultOf('none.keras')).toContain('there is no such file or folder. Check the path.');
    writeFileSync(at('text.keras'), 'no archive');
    expect(await faultOf('text.keras')).toContain('expected a zip archive of Keras 3');
    // The signatures of its list of entries, and of an entry itself.
    for (const signature of ['PK\x01\x02', 'PK\x03\x04']) {
      const damaged = (bytes: Buffer) => {
        for (let at = bytes.indexOf(signature); at >= 0; at = bytes.indexOf(signature)) bytes[at] = 0;
        return bytes;
      };
      expect(await faultOf('layers.keras', damaged)).toContain('expected a zip archive of Keras 3');
    }
  });

  it.skipIf(process.platform === 'win32')('is no FIFO, which would be waited for', async () => {
    makeFifo(folder, 'pipe.safetensors');
    expect(await faultOf('pipe.safetensors')).toContain('is a FIFO, expected a regular file');
  });
});
