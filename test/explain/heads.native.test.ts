// Every head has something that can be explained: by a name, by a number, and what is explained by default.

import * as tf from '@tensorflow/tfjs';
import { spectrogramStem, tempo, transcriber } from 'banyan-ml/heads/audio';
import { actorCritic, objectStem, observationStem, qValues, rules } from 'banyan-ml/heads/control';
import { embedder, ordinal, regressor, tags } from 'banyan-ml/heads/table';
import { tagger, tokenStem, wholeWords, wordsStem, wordVocabulary, writer } from 'banyan-ml/heads/text';
import { codeStem, convStem, reconstruction, segmenter } from 'banyan-ml/heads/vision';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AttributeOptions,
  type Attribution,
  attribute,
  integratedGradients,
  occlusion,
} from '../../src/explain/index.ts';
import {
  type AnyTask,
  createNetwork,
  defineTask,
  denseTrunk,
  type Network,
  transformerTrunk,
} from '../../src/index.ts';
import { internals, outputsOf } from '../../src/network/index.ts';

const source = { counts: { training: 1, validation: 0, test: 0 }, read: () => [] };
const wave = (size: number) => Float32Array.from({ length: size }, (_, i) => Math.sin(i) + Math.cos(i / 7));
const said = ['fly to new york', 'fly today'];
const vocabulary = wordVocabulary(said);
const actions = ['left', 'right'];
const stem = observationStem({ shape: [6] });
const sound = spectrogramStem({ sampleRate: 800, seconds: 0.5, window: 32, hop: 16, fft: 32, mels: 8 });

interface Case {
  readonly head: string;
  readonly task: AnyTask;
  readonly input: unknown;
  /** What is asked for, and what is then explained. */
  readonly asked: readonly (readonly [wanted: number | string | undefined, name: string | RegExp])[];
}

const caseOf = (head: string, definition: object, input: unknown, ...asked: Case['asked']): Case => ({
  head,
  task: defineTask({ name: head, source, ...definition } as never) as AnyTask,
  input,
  asked,
});
const ofNumbers = (head: string, factory: unknown, ...asked: Case['asked']) =>
  caseOf(head, { stem, head: factory }, wave(6), ...asked);

const cases: readonly Case[] = [
  ofNumbers('regressor', regressor(), [undefined, 'the number'], [0, 'the number']),
  ofNumbers('tags', tags({ tags: ['red', 'blue'] }), [undefined, /red|blue/], ['blue', 'blue'], ['1', 'blue']),
  ofNumbers('ordinal', ordinal({ levels: ['low', 'middle', 'high'] }), ['above low', 'above low']),
  ofNumbers('embedder', embedder({ size: 4 }), [undefined, 'its own direction'], [2, 'number 2']),
  ofNumbers('q-values', qValues({ actions }), [undefined, /left|right/], ['right', 'right'], [0, 'left']),
  ofNumbers('actor-critic', actorCritic({ actions }), [undefined, /left|right/], ['right', 'right'], [0, 'left']),
  caseOf(
    'segmenter',
    {
      stem: convStem({ height: 8, width: 8, channels: 1, filters: [4], features: true }),
      head: segmenter({ classes: ['ground', 'square'], height: 8, width: 8, filters: [4] }),
    },
    wave(64),
    [undefined, /^(ground|square) \(over its \d+ pixels\)$/],
    ['square', /^square \(over/],
    [0, /^ground \(over/],
  ),
  caseOf(
    'tagger',
    {
      stem: wordsStem({ vocabulary: wholeWords(said), length: 6 }),
      head: tagger({ labels: ['O', 'B-city', 'I-city'], length: 6 }),
    },
    'fly to new york',
    [undefined, /^\S+ \(word [0-3]\)$/],
    [2, /\(word 2\)$/],
    ['3', /\(word 3\)$/],
  ),
  caseOf(
    'transcriber',
    { stem: sound, head: transcriber({ symbols: 'ab', length: 3 }) },
    wave(400),
    [undefined, /^[ab] \(symbol 0\)$/],
    [0, /^[ab] \(symbol 0\)$/],
  ),
  caseOf('tempo', { stem: sound, head: tempo({ slowest: 60, fastest: 180, lags: 4 }) }, wave(400), [
    undefined,
    'the tempo',
  ]),
  caseOf(
    'writer',
    { stem: tokenStem({ vocabulary, length: 4 }), head: writer({ vocabulary, length: 3 }) },
    'fly today',
    [undefined, /\(symbol 0\)$/],
    [0, /\(symbol 0\)$/],
  ),
  caseOf(
    'reconstruction',
    {
      stem: codeStem({ height: 6, width: 6, channels: 1, kernel: 3 }),
      head: reconstruction({ height: 6, width: 6, channels: 1 }),
      at: 0,
    },
    wave(36).map(Math.abs),
    [undefined, 'the drawing'],
    ['row 2, column 3', 'row 2, column 3'],
    [35, 'row 5, column 5'],
  ),
];

// Without a normalisation, which no line from zeros goes through smoothly; what writes needs a decoder.
const networkOf = (task: AnyTask): Promise<Network> =>
  createNetwork({
    trunk:
      task.name === 'writer'
        ? transformerTrunk({ width: 16, depth: 1, heads: 2, decoder: 1 })
        : denseTrunk({ width: 16, depth: 1 }),
    tasks: [task],
    seed: 3,
  });

describe.each(cases)('the head $head', ({ head, task, input, asked }) => {
  let network: Network;
  beforeAll(async () => {
    network = await networkOf(task);
    // So that something is said.
    const bias = internals(network)
      .body.store.all()
      .find(({ name }) => name === 'head/transcriber/logits/bias');
    if (bias !== undefined) tf.tidy(() => bias.tensor.assign(tf.tensor1d([-9, 0, 0])));
  });
  afterAll(() => network.dispose());
  const explain = async (options: Partial<AttributeOptions>) =>
    (await attribute(network, { task: head, inputs: [input], ...options }))[0]!;

  it('has an outcome by default, by name and by number, and values that sum up to it', async () => {
    for (const [wanted, name] of asked) {
      const by = wanted === undefined ? {} : { outcome: wanted };
      const { outcome, completeness } = await explain({ ...by, method: integratedGradients() });
      expect(outcome.name).toMatch(name);
      expect(completeness!.error).toBeLessThan(0.01);
    }
    await expect(explain({ outcome: 'nonsense' })).rejects.toThrow(`Task "${head}" has no outcome "nonsense"`);
  });
});

describe('a number that is predicted', () => {
  it('is explained in its own unit: the output is what is predicted', async () => {
    const scale = () => ({ mean: [20, -3], deviation: [5, 0.5] });
    const loss = 'gaussian';
    const task = defineTask({ name: 'units', source, stem, head: regressor({ outputs: ['a', 'b'], scale, loss }) });
    const network = await networkOf(task as AnyTask);
    try {
      const [{ values }] = (await network.predict('units', [wave(6)])) as [{ values: Float32Array }];
      for (const [outcome, value] of [
        ['a', values[0]!],
        ['b', values[1]!],
      ] as const) {
        const [{ output, completeness }] = (await attribute(network, {
          task: 'units',
          inputs: [wave(6)],
          outcome,
        })) as [Attribution];
        expect(output).toBeCloseTo(value, 4);
        expect(completeness!.error).toBeLessThan(0.01);
      }
    } finally {
      network.dispose();
    }
  });
});

describe('what is found in an example', () => {
  it('is the mean score of a class over the pixels that have it', async () => {
    const { task, input } = cases.find(({ head }) => head === 'segmenter')!;
    const network = await networkOf(task);
    try {
      const built = internals(network).body.task('segmenter');
      const [logits] = (await outputsOf(internals(network).body, built, [input])) as [Float32Array];
      const scores = Array.from({ length: 64 }, (_, pixel) => [logits[2 * pixel]!, logits[2 * pixel + 1]!] as const);
      const own = scores.filter(([ground, square]) => square > ground);
      expect(own.length).toBeGreaterThan(0);
      const [found] = await attribute(network, { task: 'segmenter', inputs: [input], outcome: 'square' });
      expect(found!.outcome.name).toBe(`square (over its ${own.length} pixels)`);
      expect(found!.output).toBeCloseTo(
        own.reduce((sum, [, square]) => sum + square / own.length, 0),
        5,
      );
    } finally {
      network.dispose();
    }
  });

  it('is of rules what the objects say for an action, which covering them shows', async () => {
    const task = defineTask({
      name: 'rules',
      stem: objectStem({ types: 2, reach: 2, most: 3 }),
      head: rules({ actions, types: ['agent', 'cross'], reach: 2 }),
      source,
    } as never) as AnyTask;
    const network = await networkOf(task);
    try {
      const table = internals(network)
        .body.store.all()
        .find(({ name }) => name === 'head/rules/values')!.tensor;
      tf.tidy(() => table.assign(tf.ones(table.shape).mul(tf.tensor1d([0.5, 2]))));
      const objects = [
        { type: 0, row: 2, column: 2 },
        { type: 1, row: 2, column: 3 },
      ];
      const [found] = await attribute(network, {
        task: 'rules',
        inputs: [objects],
        outcome: 'right',
        method: occlusion(),
      });
      expect(found).toMatchObject({ outcome: { index: 1, name: 'right' }, output: 2 });
      expect([...found!.parts[0]!.values]).toEqual([0, 0, 0, 2, 0, 2, 0, 0, 0]);
    } finally {
      network.dispose();
    }
  });
});
