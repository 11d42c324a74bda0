// By Python alone, where BANYAN_TENSORFLOW_PYTHON names one with numpy.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { arraySource } from 'banyan-ml/data';
import * as audio from 'banyan-ml/heads/audio';
import * as table from 'banyan-ml/heads/table';
import * as text from 'banyan-ml/heads/text';
import * as vision from 'banyan-ml/heads/vision';
import { expect, it } from 'vitest';
import { exportNetwork } from '../../src/export/index.ts';
import { createNetwork, defineTask, transformerTrunk } from '../../src/index.ts';
import { temporaryFolder } from '../repository.ts';

const python = process.env.BANYAN_TENSORFLOW_PYTHON;
const folder = temporaryFolder();
const range = <T>(make: (i: number) => T): T[] => Array.from({ length: 8 }, (_, i) => make(i));
const classes = () => vision.classifier({ classes: ['no', 'yes'] });
const labels = { targets: range((i) => i % 2), validation: 0 };

const SENTENCES = [
  'Where is my NEW card?',
  "don't stop",
  'Straße: ÉCOLE, cafe\u0301',
  'ΟΔΟΣ',
  'a\u00adb\u200bc',
  '',
  '😀 ok',
  'नमस्ते',
];
const vocabulary = text.wordVocabulary(SENTENCES.slice(0, 5), { minimumCount: 1 });
const image = vision.convStem({ height: 6, width: 5, channels: 1, filters: [4] });
const sentence = text.tokenStem({ vocabulary, length: 6 });
const cells = range((i) => [i, i === 3 ? undefined : 2 - i / 3] as const);
function statistics(quantiles: boolean) {
  const found = table.numberStatistics({ columns: 2, quantiles });
  for (const row of cells) found.add(row);
  return found.result();
}

const tasks = [
  defineTask({
    name: 'bytes',
    stem: image,
    head: classes(),
    source: arraySource({ ...labels, inputs: range((i) => Uint8Array.from({ length: 30 }, (_, at) => 7 * at + i)) }),
  }),
  defineTask({
    name: 'clip',
    stem: audio.spectrogramStem({ sampleRate: 8000, seconds: 0.05, window: 100, hop: 40, fft: 128, mels: 10 }),
    head: vision.classifier({ classes: 3 }),
    source: arraySource({
      ...labels,
      inputs: range((i) => Float32Array.from({ length: 300 + 40 * i }, (_, at) => Math.sin(at * i) / 3)),
    }),
  }),
  defineTask({
    name: 'words',
    stem: sentence,
    head: table.tags({ tags: ['a', 'b', 'c'] }),
    source: arraySource({ inputs: SENTENCES, targets: range((i) => (i % 2 === 0 ? ['a'] : [])), validation: 0 }),
  }),
  defineTask({
    name: 'pieces',
    stem: text.tokenStem({ vocabulary, length: 6, pieces: 50 }),
    head: classes(),
    source: arraySource({ ...labels, inputs: SENTENCES }),
  }),
  defineTask({
    name: 'both',
    stems: { seen: image, said: sentence },
    head: classes(),
    source: arraySource({
      ...labels,
      inputs: range((i) => ({
        seen: Float32Array.from({ length: 30 }, (_, at) => Math.cos(at + i)),
        said: SENTENCES[i]!,
      })),
    }),
  }),
  defineTask({
    name: 'columns',
    stem: table.numbersStem({ columns: 2, statistics: () => statistics(false) }),
    head: classes(),
    source: arraySource({ ...labels, inputs: cells }),
  }),
  defineTask({
    name: 'categories',
    stem: table.categoryStem({ columns: 2, categories: () => [['a', 'b'], ['x']] }),
    head: classes(),
    source: arraySource({ ...labels, inputs: range((i) => ['abc'[i % 3]!, i % 2 === 0 ? 'x' : null]) }),
  }),
  defineTask({
    name: 'quantiles',
    stem: table.numbersStem({
      columns: 2,
      scaling: 'quantile',
      statistics: () => statistics(true),
    }),
    head: table.regressor(),
    source: arraySource({ inputs: cells, targets: range((i) => i), validation: 0 }),
  }),
];

it.skipIf(python === undefined)(
  'raw examples are prepared to the bit, and outputs decoded, as an export declares it',
  async () => {
    const network = await createNetwork({ trunk: transformerTrunk({ width: 16, depth: 1, heads: 2 }), tasks, seed: 1 });
    const out = join(folder, 'out');
    await exportNetwork(network, { format: 'saved-model', out });
    network.dispose();
    const found = JSON.parse(execFileSync(python!, [join(out, 'banyan_export.py')], { encoding: 'utf8' }));
    const all = { examples: 8, prepared: 8, decoded: 8 };
    const declared = ['bytes', 'clip', 'words', 'pieces', 'both', 'columns', 'categories'].map((name) => [name, all]);
    expect(found).toEqual({
      ...Object.fromEntries(declared),
      quantiles: { examples: 8, prepared: null, decoded: null },
    });
  },
);
