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
  comparedWith: 'zeros',
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
      'toy says cat (0.88). Explained by integrated-gradients, over the input, compared with numbers that are all 0: cat is 2.500, and 0.5000 at the baseline. The values sum up to +1.99 of the difference of +2.00.',
    );
  });

  it('is text that names the strongest first, and JSON with all numbers', () => {
    expect(
      attributionText({ name: 'x', attributions: [words] })
        .split('\n')
        .slice(2),
    ).toEqual(['     −0.400  <b> (1)', '     +0.100  a (0)', '      +0.00  c (2)']);
    expect(attributionText({ name: 'x', attributions: [picture] })).toContain('+1.00  row 0, column 0');
    expect(JSON.parse(JSON.stringify(attributionJson({ name: 'x', attributions: [columns] })))).toMatchObject({
      name: 'x',
      attributions: [
        { outcome: { name: 'cat' }, parts: [{ values: [0.5, -2], columns: [{ name: 'age' }, { name: 'height' }] }] },
      ],
    });
  });

  it('says where a place lies: parts of a picture, seconds and bands of a sound, nothing for a token of its own', () => {
    const rgb = new Uint8Array(3 * 4 * 4);
    const ground = { width: 4, height: 4, rgb };
    const tokens = attribution(
      { kind: 'picture', picture: ground, placeOf: (row, column) => 1 + 2 * (row >> 1) + (column >> 1) },
      [9, 0, 0, -5, 1],
    );
    const lines = (of: Attribution) =>
      attributionText({ name: 'x', attributions: [of] })
        .split('\n')
        .slice(2);
    expect(lines(tokens).slice(0, 3)).toEqual([
      '      +9.00  no part of the picture',
      '      −5.00  rows 2 to 3, columns 0 to 1',
      '      +1.00  rows 2 to 3, columns 2 to 3',
    ]);
    const json = attributionJson({ name: 'x', attributions: [tokens] }).attributions[0]!.parts[0]!;
    expect(json).toMatchObject({ boxes: [null, { row: 0, column: 0, height: 2, width: 2 }, {}, {}, {}] });
    const sound = { sampleRate: 10, samples: new Float32Array(20) };
    const at = (placeOf: (row: number, column: number) => number, values: readonly number[]) =>
      lines(attribution({ kind: 'picture', picture: ground, sound, placeOf }, values));
    expect(at((row, column) => 4 * column + 3 - row, [0, 3, ...new Array(14).fill(0)])[0]).toBe(
      '      +3.00  0.000 to 0.500 s, band 1 of 4',
    );
    expect(at((_, column) => column >> 1, [0, 2])[0]).toBe('      +2.00  1.000 to 2.000 s');
  });

  it('has a scale of its colours, that begins at 0 where nothing speaks against', () => {
    const scaleOf = (values: readonly number[]) =>
      explanationPage('x', [{ name: 'x', attributions: [attribution({ kind: 'words', words: ['a', 'b'] }, values)] }]);
    expect(scaleOf([0.25, -1])).toMatch(/>−1\.00<\/text><rect.*>\+1\.00<\/text>/);
    expect(scaleOf([0.25, 2])).toMatch(/>0<\/text><rect.*>\+2\.00<\/text>/);
    expect(scaleOf([0.25, 2])).not.toContain('rgba(33, 102, 172');
  });

  it('is no PNG where there is no picture', () => {
    expect(() => explanationPng({ name: 'a.txt', attributions: [words] })).toThrow(
      'a.txt is no picture, expected one, or the spectrogram of a sound, for a PNG. Write a page (.html) or the numbers (.json).',
    );
  });
});
