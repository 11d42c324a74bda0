import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readImage, readSound } from '../../src/data/index.ts';
import { pngOf } from '../../src/explain/draw/png.ts';
import { wavOf } from '../../src/explain/draw/wav.ts';
import {
  type Attribution,
  attributionJson,
  attributionText,
  explanationPage,
  explanationPng,
} from '../../src/explain/index.ts';
import type { Places } from '../../src/index.ts';
import { temporaryFolder } from '../repository.ts';

const folder = temporaryFolder();

const attribution = (places: Places, values: readonly number[], shape = [values.length]): Attribution => ({
  task: 'toy',
  method: 'integrated-gradients',
  at: 'input',
  explanation: { predicted: 'cat', confidence: 0.875 },
  outcome: { index: 0, name: 'cat' },
  output: 2.5,
  baselineOutput: 0.5,
  completeness: { sum: 1.99, difference: 2, error: 0.005 },
  parts: [{ shape, values: Float64Array.from(values), places }],
});

const picture = attribution(
  {
    kind: 'picture',
    picture: { width: 2, height: 1, rgb: Uint8Array.of(0, 0, 0, 255, 255, 255) },
    placeOf: (_, column) => column,
  },
  [1, -0.5],
  [1, 2],
);
const words = attribution({ kind: 'words', words: ['a', '<b>', 'c'] }, [0.1, -0.4, 0, 7]);
const columns = attribution(
  {
    kind: 'columns',
    columns: [
      { name: 'age', value: '3' },
      { name: 'height', value: 'missing' },
    ],
  },
  [0.5, -2],
);

describe('an explanation, drawn', () => {
  it('is a PNG that others read', async () => {
    const rgb = Uint8Array.from({ length: 18 }, (_, i) => 14 * i);
    writeFileSync(join(folder, 'a.png'), pngOf({ width: 3, height: 2, rgb }));
    const read = await readImage(join(folder, 'a.png'), { width: 3, height: 2, channels: 3 });
    expect(Array.from(read, (value) => Math.round(255 * value))).toEqual([...rgb]);
  });

  it('plays as a WAV that others read', async () => {
    const samples = Float32Array.from({ length: 100 }, (_, i) => Math.sin(i / 5));
    writeFileSync(join(folder, 'a.wav'), wavOf(samples, 8000));
    const read = await readSound(join(folder, 'a.wav'), { sampleRate: 8000 });
    expect(read.samples.length).toBe(100);
    for (const [i, sample] of read.samples.entries()) expect(sample).toBeCloseTo(samples[i]!, 3);
  });

  it('marks red what speaks for the outcome and blue what speaks against it, the picture beside it', async () => {
    writeFileSync(join(folder, 'b.png'), explanationPng({ name: 'x.png', attributions: [picture] }));
    const read = await readImage(join(folder, 'b.png'), { width: 452, height: 112, channels: 3 });
    const at = (row: number, column: number) =>
      Array.from(read.subarray(3 * (row * 452 + column)).subarray(0, 3), (v) => Math.round(255 * v));
    expect(at(50, 50)).toEqual([0, 0, 0]);
    expect(at(50, 200)).toEqual([255, 255, 255]);
    // Of black and white 0.55 of the contrast is left; 0.85 and half of it is the colour.
    expect(at(50, 228 + 50)).toEqual(
      [115 + 0.85 * (178 - 115), 115 + 0.85 * (24 - 115), 115 + 0.85 * (43 - 115)].map((v) => expect.closeTo(v, -0.5)),
    );
    expect(at(50, 228 + 200)).toEqual(
      [255 - 0.425 * (255 - 33), 255 - 0.425 * (255 - 102), 255 - 0.425 * (255 - 172)].map((v) =>
        expect.closeTo(v, -0.5),
      ),
    );
  });

  it('is a page without a script, whose words and columns have their marks', () => {
    const page = explanationPage('Explanations', [{ name: 'x', attributions: [picture, words, columns] }]);
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;b&gt;');
    expect(page).toContain('rgba(33, 102, 172, 0.600)');
    expect(page).toContain('age = 3');
    expect(page).toContain(
      'toy says cat (0.88). Explained by integrated-gradients, over the input: cat is 2.500, and 0.5000 at the baseline. The values sum up to +1.99 of the difference of +2.00.',
    );
  });

  it('is text that names the strongest first, and JSON with all numbers', () => {
    expect(
      attributionText({ name: 'x', attributions: [words] })
        .split('\n')
        .slice(2),
    ).toEqual(['     −0.400  <b> (1)', '     +0.100  a (0)', '      +0.00  c (2)']);
    expect(attributionText({ name: 'x', attributions: [picture] })).toContain('+1.00  [0, 0]');
    expect(JSON.parse(JSON.stringify(attributionJson({ name: 'x', attributions: [columns] })))).toMatchObject({
      name: 'x',
      attributions: [
        { outcome: { name: 'cat' }, parts: [{ values: [0.5, -2], columns: [{ name: 'age' }, { name: 'height' }] }] },
      ],
    });
  });

  it('is no PNG where there is no picture', () => {
    expect(() => explanationPng({ name: 'a.txt', attributions: [words] })).toThrow(
      'a.txt is no picture, expected one, or the spectrogram of a sound, for a PNG. Write a page (.html) or the numbers (.json).',
    );
  });
});
