import { findData, NO_NETWORK } from 'banyan-ml/data';
import { captions, connectedDigits, photographs } from 'banyan-ml/tasks';
import { describe, expect, it } from 'vitest';
import { openCaptioned } from '../../../tasks/multi-model/captioned-pictures.ts';
import { openConnectedDigits } from '../../../tasks/multi-model/connected-digits.ts';
import { CLOTHES, openPhotographs } from '../../../tasks/multi-model/photographs.ts';
import { dataFolder, idx } from '../data-folder.ts';

const pixels = (count: number) => Array.from({ length: count * 3072 }, (_, i) => Math.floor(i / 3072) + 1);

describe('captioned pictures', () => {
  const folderOf = (rows: string, side = 32) =>
    dataFolder({
      'captions.csv': `index,style,split,caption\n${rows}`,
      'images-idx4-ubyte.gz': idx(
        [3, side, 32, 3],
        pixels(side === 32 ? 3 : 0).concat(side === 32 ? [] : Array(3 * side * 96).fill(0)),
      ),
    });

  it('have their captions, each in its split', () => {
    const set = openCaptioned(folderOf('2,a,train,red heart\n0,b,test,heart\n1,b,validation,blue heart\n'));
    expect(set.counts).toEqual({ training: 1, validation: 1, test: 1 });
    expect(set.example('training', 0)).toEqual({ input: new Uint8Array(3072).fill(3), target: 'red heart' });
    expect(set.example('test', 0)).toEqual({ input: new Uint8Array(3072).fill(1), target: 'heart' });
  });

  it('are refused with another split, number, or size', () => {
    expect(() => openCaptioned(folderOf('0,a,dev,heart\n'))).toThrow(
      'captions.csv, line 2: expected the number of a picture, and a split train, validation or test, received "0" and "dev".',
    );
    expect(() => openCaptioned(folderOf('x,a,test,heart\n'))).toThrow('received "x" and "test"');
    expect(() => openCaptioned(folderOf('0,a,test,heart\n', 2))).toThrow(
      'byte 4: expected dimensions [count, 32, 32, 3], received [3, 2, 32, 3]. Fetch the file again.',
    );
  });

  it.skipIf(findData('captioning/emoji') === undefined)('are as many as the set says', () => {
    expect(captions.source.counts).toEqual({ training: 7681, validation: 414, test: 431 });
  });
});

describe('photographs', () => {
  const files = (labels: readonly number[], names: readonly string[] = CLOTHES) => ({
    'classes.txt': `${names.join('\n')}\n`,
    ...Object.fromEntries(
      ['train', 'validation', 'test'].flatMap((split) => [
        [`${split}-images-idx4-ubyte.gz`, idx([2, 32, 32, 3], pixels(2))],
        [`${split}-labels-idx1-ubyte.gz`, idx([labels.length], labels)],
      ]),
    ),
  });

  it('have their classes', () => {
    const set = openPhotographs(dataFolder(files([9, 0])));
    expect(set.counts).toEqual({ training: 2, validation: 2, test: 2 });
    expect(set.example('validation', 1)).toEqual({ input: new Uint8Array(3072).fill(2), target: 0 });
    expect(Array.from(set.strata!('test'))).toEqual([9, 0]);
  });

  it('are refused with other classes, and labels that are none or too few', () => {
    expect(() => openPhotographs(dataFolder(files([0, 1], ['dress'])))).toThrow('classes.txt: expected dress, hat,');
    expect(() => openPhotographs(dataFolder(files([0, 10])))).toThrow(
      'expected 2 labels from 0 to 9, received 2, among them 10.',
    );
    expect(() => openPhotographs(dataFolder(files([0])))).toThrow('expected 2 labels from 0 to 9, received 1. Fetch');
  });

  it.skipIf(findData('vision/clothing-small') === undefined)('are as many as the set says', () => {
    expect(photographs.source.counts).toEqual({ training: 3068, validation: 341, test: 372 });
  });
});

/** A recording of so many samples of one size. */
function wav(samples: number, value: number, sampleRate = 8000): Buffer {
  const bytes = Buffer.alloc(44 + 2 * samples);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + 2 * samples, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(2 * sampleRate, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(2 * samples, 40);
  for (let i = 0; i < samples; i++) bytes.writeInt16LE(value, 44 + 2 * i);
  return bytes;
}

describe('connected digits', () => {
  const folderOf = (rate = 8000, digit = '7', longest = 9000) =>
    dataFolder({
      'labels.csv': `file,digit,speaker,index\nt.wav,7,a,4\nu.wav,${digit},a,5\nv.wav,8,a,9\nw.wav,9,b,11\n`,
      't.wav': wav(800, 1000),
      'u.wav': wav(4000, 2000, rate),
      'v.wav': wav(8000, 3000),
      'w.wav': wav(longest, 4000),
    });

  it('are recordings of one speaker and split, with silence between them, and always the same', () => {
    const folder = folderOf();
    const set = openConnectedDigits(folder);
    for (let i = 0; i < 30; i++) {
      const { input, target } = set.example('test', i);
      const said = target!.split(' ');
      expect(said.length).toBeGreaterThanOrEqual(3);
      expect(said.length).toBeLessThanOrEqual(5);
      expect(new Set(said)).toEqual(new Set(['seven']));
      const pause = input!.length - 800 * said.length;
      expect(pause).toBeGreaterThanOrEqual(400 * (said.length - 1));
      expect(pause).toBeLessThanOrEqual(1600 * (said.length - 1));
      expect(input!.filter((sample) => sample !== 0)).toHaveLength(800 * said.length);
      expect(openConnectedDigits(folder).example('test', i)).toEqual({ input, target });
    }
    expect(set.example('validation', 0).target).toMatch(/^eight eight eight$/);
    const texts = Array.from({ length: 40 }, (_, i) => set.example('training', i));
    expect(new Set(texts.flatMap(({ target }) => target!.split(' ')))).toEqual(new Set(['seven', 'nine']));
    for (const { input, target } of texts) {
      expect(new Set(target!.split(' ')).size).toBe(1);
      // Four seconds at most: of a slow speaker there are three digits alone.
      expect(input!.length).toBeLessThanOrEqual(32_000);
    }
  });

  it('are refused where a row makes no sense, and a recording has another rate', () => {
    expect(() => openConnectedDigits(folderOf(8000, '10'))).toThrow(
      'labels.csv, line 3: expected a digit and the number of a recording, received "10" and "5". Correct the row.',
    );
    const set = openConnectedDigits(folderOf(11_025));
    expect(() => Array.from({ length: 20 }, (_, i) => set.example('training', i))).toThrow(
      'u.wav, byte 24: expected 8000 samples a second, received 11025. Fetch the file again.',
    );
  });

  it('are refused where no string of a speaker fits', () => {
    const set = openConnectedDigits(folderOf(8000, '7', 11_000));
    expect(() => Array.from({ length: 20 }, (_, i) => set.example('training', i))).toThrow(
      'expected recordings of which 3 fit into 4 s, received longer ones of one speaker, such as w.wav. Fetch',
    );
  });

  it.skipIf(findData('audio/fsdd') === undefined)('say what is heard', async () => {
    const [one] = await connectedDigits.source.read('test', [0], NO_NETWORK);
    expect(one!.target).toMatch(/^(\w+ ){2,4}\w+$/);
    expect(one!.input!.length).toBeGreaterThan(8000);
  });
});
