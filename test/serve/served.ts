// A small network that takes all that can be sent: a picture, a sound, a sentence, two of them, numbers, rows; one task writes.
import { arraySource } from 'banyan-ml/data';
import * as audio from 'banyan-ml/heads/audio';
import * as control from 'banyan-ml/heads/control';
import * as text from 'banyan-ml/heads/text';
import * as vision from 'banyan-ml/heads/vision';
import sharp from 'sharp';
import { createNetwork, defineTask, transformerTrunk } from '../../src/index.ts';
import type { AnyNetwork } from '../../src/network/index.ts';

const COUNT = 8;
const range = <T>(make: (i: number) => T): T[] => Array.from({ length: COUNT }, (_, i) => make(i));

export const picture = Float32Array.from({ length: 64 }, (_, i) => Math.round(127.5 * (1 + Math.sin(i))) / 255);
export const clip = Float32Array.from({ length: 800 }, (_, i) => Math.round(16_384 * Math.sin(i / 5)) / 32_768);
const WORDS = ['a', 'red', 'green', 'ball', 'rolls'];
const vocabulary = text.wordVocabulary(WORDS, { minimumCount: 1 });

const pictureStem = vision.convStem({ height: 8, width: 8, channels: 1, filters: [4] });
const sentenceStem = text.tokenStem({ vocabulary, length: 8 });

const number = {
  inputs: range((i) => Float32Array.of(i, 1)),
  targets: range((i) => i % 2),
  validation: 0,
};

export const tasks = [
  defineTask({
    name: 'shape',
    stem: pictureStem,
    head: vision.classifier({ classes: ['round', 'square'] }),
    source: arraySource({ ...number, inputs: range(() => picture) }),
  }),
  defineTask({
    name: 'tone',
    stem: audio.spectrogramStem({ sampleRate: 8000, seconds: 0.1, window: 100, hop: 40, fft: 128, mels: 10 }),
    head: audio.classifier({ classes: 3 }),
    source: arraySource({ ...number, inputs: range(() => clip) }),
  }),
  defineTask({
    name: 'colour',
    stem: sentenceStem,
    head: text.classifier({ classes: ['red', 'green'] }),
    source: arraySource({ ...number, inputs: range(() => 'a red ball') }),
  }),
  defineTask({
    name: 'both',
    stems: { seen: pictureStem, said: sentenceStem },
    head: text.classifier({ classes: ['no', 'yes'] }),
    source: arraySource({ ...number, inputs: range(() => ({ seen: picture, said: 'a ball' })) }),
  }),
  {
    ...defineTask({
      name: 'side',
      stem: control.observationStem({ shape: [2] }),
      head: text.classifier({ classes: ['left', 'right'] }),
      source: arraySource(number),
    }),
    fromRow: ({ x, y }: Readonly<Record<string, unknown>>) => Float32Array.of(Number(x), Number(y)),
  },
  defineTask({
    name: 'reply',
    stem: sentenceStem,
    head: text.writer({ vocabulary, length: 4 }),
    source: arraySource({ ...number, inputs: range(() => 'a red ball'), targets: range(() => 'a ball') }),
  }),
] as const;

export const makeNetwork = (seed: number): Promise<AnyNetwork> =>
  createNetwork({ trunk: transformerTrunk({ width: 16, depth: 1, heads: 2, decoder: 1 }), tasks, seed });

/** The picture as a PNG. */
export const png = (): Promise<Buffer> =>
  sharp(Buffer.from(picture.map((number) => Math.round(number * 255))), { raw: { width: 8, height: 8, channels: 1 } })
    .png()
    .toBuffer();

/** The clip as a WAV file of 16 bits. */
export function wav(): Buffer {
  const data = Buffer.from(Int16Array.from(clip, (number) => Math.round(number * 32_768)).buffer);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(16_000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}
