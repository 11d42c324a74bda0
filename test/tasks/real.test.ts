import { join } from 'node:path';
import {
  clothing,
  digits,
  instruments,
  intents,
  multiClothingLeft,
  multiClothingRight,
  spokenDigits,
} from 'banyan-ml/tasks';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findData, NO_NETWORK, readCsv, type Source, type Split } from '../../src/data/index.ts';
import { idxPictures } from '../../tasks/idx-pictures.ts';
import { labelledSounds, whole } from '../../tasks/labelled-sounds.ts';
import { dataFolder, idx } from './data-folder.ts';

const context = NO_NETWORK;
afterEach(() => {
  vi.unstubAllEnvs();
});

describe('pictures in IDX files', () => {
  const set = { folder: 'p', licence: 'none', description: 'none', height: 1, width: 2, classes: 3 };
  const files = (labels: Uint8Array, images = idx([4, 1, 2], [0, 1, 2, 3, 4, 5, 6, 7])) => ({
    'p/train-images-idx3-ubyte': images,
    'p/train-labels-idx1-ubyte': labels,
    'p/t10k-images-idx3-ubyte': idx([1, 1, 2], [8, 9]),
    'p/t10k-labels-idx1-ubyte': idx([1], [2]),
  });

  it('keeps pictures and labels together', async () => {
    dataFolder(files(idx([4], [0, 1, 2, 0])));
    const source = idxPictures(set);
    expect(source.counts).toEqual({ training: 3, validation: 1, test: 1 });
    const stored = [
      ...(await source.read('training', [0, 1, 2], context)),
      ...(await source.read('validation', [0], context)),
    ];
    expect(stored.map(({ input, target }) => [...input, target]).sort()).toEqual([
      [0, 1, 0],
      [2, 3, 1],
      [4, 5, 2],
      [6, 7, 0],
    ]);
    expect(await source.read('test', [0], context)).toEqual([{ input: Uint8Array.of(8, 9), target: 2 }]);
  });

  it('names file and byte of a label out of range, and of numbers that disagree', () => {
    const root = dataFolder(files(idx([4], [0, 1, 3, 0])));
    expect(() => idxPictures(set).counts).toThrow(
      `${join(root, 'p/train-labels-idx1-ubyte')}, byte 10: expected a label from 0 to 2, received 3. Fetch the file again.`,
    );
    dataFolder(files(idx([3], [0, 1, 2])));
    expect(() => idxPictures(set).counts).toThrow(
      /byte 4: expected one label for each of the 4 pictures of .*, received dimensions \[3\]/,
    );
    dataFolder(files(idx([4], [0, 1, 2, 0]), idx([4, 2, 1], [0, 1, 2, 3, 4, 5, 6, 7])));
    expect(() => idxPictures(set).counts).toThrow(/byte 4: expected dimensions \[count, 1, 2\], received \[4, 2, 1\]/);
    dataFolder({});
    expect(() => idxPictures(set).counts).toThrow(/The data set "p" was not found/);
  });
});

describe('sounds with a table of labels', () => {
  const source = () =>
    labelledSounds({
      folder: 's',
      licence: 'none',
      description: 'none',
      sampleRate: 8000,
      classes: ['a', 'b'],
      label: 'class',
      columns: ['index'],
      split: ({ index }) => (whole(index) === undefined ? undefined : index === '9' ? 'test' : 'training'),
    });

  it('names file and line of an unknown label and of a split that makes no sense', () => {
    const root = dataFolder({ 's/labels.csv': 'file,class,index\nx.wav,a,0\nx.wav,c,1\n' });
    expect(() => source().counts).toThrow(
      `${join(root, 's/labels.csv')}, line 3: expected a class among a, b, received "c". Correct the row.`,
    );
    dataFolder({ 's/labels.csv': 'file,class,index\nx.wav,a,-1\n' });
    expect(() => source().counts).toThrow(
      /line 2: expected whole numbers >= 0 to tell the split from, received index "-1"/,
    );
  });

  it('names a sound that is missing or of another rate', async () => {
    const wav = Buffer.from(
      'RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x44\xac\0\0\x88\x58\x01\0\x02\0\x10\0data\x02\0\0\0\0\x40',
      'latin1',
    );
    dataFolder({ 's/labels.csv': 'file,class,index\nx.wav,a,0\nnone.wav,b,0\n', 's/x.wav': wav });
    expect(() => source().counts).toThrow(/labels\.csv: expected rows of the test split, received none\./);
    dataFolder({ 's/labels.csv': 'file,class,index\nx.wav,a,0\nnone.wav,b,0\nx.wav,a,9\n', 's/x.wav': wav });
    expect(source().counts.training).toBe(2);
    expect(() => source().read('training', [0], context)).toThrow(
      /x\.wav, byte 24: expected 8000 samples a second, received 44100/,
    );
    expect(() => source().read('training', [1], context)).toThrow(/none\.wav cannot be opened/);
  });
});

describe('two overlaid pictures', () => {
  it('are two of one split, one of them moved, with both their labels', async () => {
    const shape = (count: number) => [count, 28, 28];
    // Picture i is of one grey, i + 1, and shows class i.
    const set = (name: string, count: number) => ({
      [`vision/fashion-mnist/${name}-images-idx3-ubyte`]: idx(
        shape(count),
        Array.from({ length: count * 784 }, (_, i) => Math.floor(i / 784) + 1),
      ),
      [`vision/fashion-mnist/${name}-labels-idx1-ubyte`]: idx(
        [count],
        Array.from({ length: count }, (_, i) => i),
      ),
    });
    dataFolder({ ...set('train', 10), ...set('t10k', 3) });
    const [left, right] = [multiClothingLeft, multiClothingRight];
    expect(right.source).toBe(left.source);
    expect(right.stem).toBe(left.stem);
    expect([left.target, right.target]).toEqual(['left', 'right']);
    expect(left.source.counts).toEqual({ training: 9, validation: 1, test: 3 });
    const source = left.source as Source<Uint8Array, Readonly<Record<'left' | 'right', number>>>;
    const pictures = await source.read('test', [0, 1, 2], context);
    expect(pictures.map(({ target }) => target?.left)).toEqual([0, 1, 2]);
    for (const { input, target } of pictures) {
      const [one, other] = [target!.left + 1, target!.right + 1];
      expect(other).not.toBe(one);
      expect(input).toHaveLength(36 * 36);
      const at = (row: number, column: number) => input[row * 36 + column];
      expect([at(0, 0), at(27, 7), at(7, 27)]).toEqual([one, one, one]);
      expect([at(35, 35), at(8, 28), at(28, 8)]).toEqual([other, other, other]);
      expect([at(8, 8), at(27, 27)]).toEqual([Math.max(one, other), Math.max(one, other)]);
      expect([at(0, 28), at(28, 0)]).toEqual([0, 0]);
    }
  });
});

describe('intents', () => {
  it('names file and line of an unknown category', () => {
    const root = dataFolder({ 'text/banking77/train.csv': 'text,category\nhello,card_arrival\nhello,greeting\n' });
    expect(() => intents.source.counts).toThrow(
      `${join(root, 'text/banking77/train.csv')}, line 3: expected one of BANKING77's 77 categories, received "greeting". Correct the row.`,
    );
  });
});

const sets = {
  clothing: [clothing, 'vision/fashion-mnist', [54_000, 6000, 10_000]],
  digits: [digits, 'vision/mnist', [54_000, 6000, 10_000]],
  spokenDigits: [spokenDigits, 'audio/fsdd', [2400, 300, 300]],
  instruments: [instruments, 'audio/gm-notes', [549, 79, 156]],
  intents: [intents, 'text/banking77', [9003, 1000, 3080]],
} as const;

describe.each(Object.entries(sets))('%s', (_, [task, folder, [training, validation, test]]) => {
  it.skipIf(findData(folder) === undefined)(
    'has the published test split, and a validation split taken from training',
    () => {
      expect(task.source.counts).toEqual({ training, validation, test });
      expect(task.source.facts?.missing).toBeUndefined();
      expect(task.source.facts?.found).toBe(findData(folder));
      expect(task.source.facts?.licence).toBeTruthy();
    },
  );
});

describe.each([
  ['spoken-digits', sets.spokenDigits, 10],
  ['instruments', sets.instruments, 16],
] as const)('%s', (_, [task, path, [, , tests]], classes) => {
  const folder = findData(path);
  it.skipIf(folder === undefined)('splits as the published table says', async () => {
    const rows = readCsv(join(folder!, 'labels.csv'), { columns: ['file', 'split'] });
    expect(rows.filter(({ values }) => values.split === 'test')).toHaveLength(tests);
    const source = task.source as Source<Float32Array, number>;
    for (const split of ['validation', 'test'] satisfies Split[]) {
      const all = await source.read(
        split,
        Array.from({ length: source.counts[split] }, (_, i) => i),
        context,
      );
      const often = new Map<number | undefined, number>();
      for (const { target } of all) often.set(target, (often.get(target) ?? 0) + 1);
      // Every class takes part, about as often as the others.
      expect(often.size).toBe(classes);
      expect(Math.max(...often.values()) - Math.min(...often.values())).toBeLessThanOrEqual(1);
    }
  });
});
