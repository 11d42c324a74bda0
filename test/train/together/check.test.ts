import { afterEach, describe, expect, it, vi } from 'vitest';
import type { TrainOptions } from '../../../src/index.ts';
import { readingOf } from '../../../src/train/reading/reading-state.ts';
import { checkApart, checkTogether, noSnapshots, warnOfNoOthers } from '../../../src/train/together/check.ts';

const cluster = { workers: ['127.0.0.1:1', '127.0.0.1:2'], index: 0 };

describe('workers that update by themselves', () => {
  it.each([
    [{ synchronizeEvery: 0 }, /train: synchronizeEvery must be a whole number >= 1, received 0/],
    [{ synchronizeEvery: 2.5 }, /train: synchronizeEvery must be a whole number >= 1, received 2\.5/],
    [
      { synchronizeEvery: 4, evaluateEvery: 10 },
      /evaluateEvery must be a multiple of synchronizeEvery 4: .* received 10\. Give 12, or another synchronizeEvery\./,
    ],
    [
      { synchronizeEvery: 4, compareGradientsEvery: 6 },
      /compareGradientsEvery must be a multiple of synchronizeEvery 4/,
    ],
    [{ synchronizeEvery: 4, exchange: 'bfloat16' }, /expected one of the two, received 'bfloat16' and 4/],
    [{ synchronizeEvery: 4, compile: 'eager' }, /compile must be 'graph' or 'auto'/],
  ] as const)('cannot %j', (options, message) => {
    expect(() => checkTogether({ cluster, ...options }, [])).toThrow(message);
  });

  it('may measure at means, and have a head that counts split its batches', () => {
    const options = { cluster, synchronizeEvery: 4, evaluateEvery: 8, compareGradientsEvery: 12, accumulate: 2 };
    expect(() => checkTogether(options, [{ name: 'head/a/seen', counts: true }])).not.toThrow();
    // One process has no means.
    expect(() => checkTogether({ synchronizeEvery: 4, evaluateEvery: 10 }, [])).not.toThrow();
  });

  it('cannot decide by what each sees by itself', () => {
    expect(() => checkApart(undefined, undefined)).not.toThrow();
    expect(() => checkApart({}, { name: 'upgrad', state: {} })).not.toThrow();
    expect(() => checkApart({}, { name: 'graddrop', state: undefined })).not.toThrow();
    expect(() => checkApart({ observeStep: () => {} }, undefined)).toThrow(
      /the sampler follows the losses of each step/,
    );
    expect(() => checkApart({}, { name: 'dwa', state: { state: () => [] } })).toThrow(
      /must be one without a memory: .* received "dwa", which remembers them\. Choose another/,
    );
    expect(noSnapshots('target').message).toMatch(/^train: with a cluster, a source keeps older weights \("target"\)/);
  });

  it('have lengths of batches of their own when they go on', () => {
    const shapes = (passes: string) => [{ passes, shapes: [[1, 2]], batches: 3 }];
    const state = { positions: {}, sources: {}, shapes: shapes('chief'), otherShapes: [shapes('second')] };
    expect(readingOf(state, 0).shapes).toEqual(shapes('chief'));
    expect(readingOf(state, 1).shapes).toEqual(shapes('second'));
    // There were fewer of them.
    expect(readingOf(state, 2).shapes).toEqual(shapes('chief'));
    expect(readingOf(state, 1)).not.toHaveProperty('otherShapes');
  });
});

describe('one process', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each<[Pick<TrainOptions, 'exchange' | 'synchronizeEvery'>, string | undefined]>([
    [{}, undefined],
    [{ exchange: 'float32' }, undefined],
    [{ exchange: 'bfloat16' }, "train: exchange 'bfloat16' is for several processes"],
    [
      { exchange: 'bfloat16', synchronizeEvery: 8 },
      "train: exchange 'bfloat16' and synchronizeEvery 8 is for several processes, and this one trains alone: it has no effect. Expected a cluster (TF_CONFIG, or --workers). Train in several, or leave it out.",
    ],
  ])('is told where %j has no effect', (options, message) => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    warnOfNoOthers(options);
    expect(warned.mock.calls).toEqual(
      message === undefined ? [] : [[expect.stringContaining(message), 'BanyanWarning']],
    );
  });
});
