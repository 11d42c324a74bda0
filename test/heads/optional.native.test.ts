// An input that may be missing: its tokens are one learned vector then, whatever reads the others.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { type Call, type MaskedTokens, type Stem, type StemContext, type StemFactory, startRuntime } from 'banyan-ml';
import { spectrogramStem } from 'banyan-ml/heads/audio';
import { tokenStem, wordVocabulary } from 'banyan-ml/heads/text';
import { convStem } from 'banyan-ml/heads/vision';
import type { Mixing } from 'banyan-ml/layers';
import { runStemContract } from 'banyan-ml/testing';
import { lastValueFrom } from 'rxjs';
import sharp from 'sharp';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dataSet, dataTask } from '../../heads/fields.ts';
import { MISSING, optional } from '../../heads/optional.ts';
import { textInput } from '../../heads/text/fields/text.ts';
import { createNetwork, evaluate, train, transformerTrunk } from '../../src/index.ts';
import { temporaryFolder } from '../repository.ts';
import { freeContexts, freshContext } from './fresh-context.ts';

const vocabulary = wordVocabulary(['red boat', 'blue sea', 'red sea']);
const text = tokenStem({ vocabulary, length: 4, pieces: 16 });
const picture = convStem({ height: 4, width: 4, channels: 1, filters: [4] });
const pixels = Float32Array.from({ length: 16 }, (_, i) => i / 16);
const sound = spectrogramStem({ sampleRate: 1000, seconds: 0.1, window: 25, hop: 10, fft: 32, mels: 8 });
const samples = Float32Array.from({ length: 90 }, (_, i) => Math.sin(i));

/** Tokens of examples, and their mask, with ones as the vector of what is missing. */
function tokensOf<Input>(factory: StemFactory<Input>, examples: readonly Input[]) {
  const context = freshContext();
  const variable: typeof context.variable = (name, shape, initializer, options) =>
    context.variable(name, shape, name === 'missing' ? 'ones' : initializer, options);
  const stem = factory({ ...context, variable });
  const rows = examples.map((example) => stem.prepare(example));
  return tf.tidy(() => {
    const shape = [examples.length, ...stem.inputShape];
    if (stem.lengths !== undefined) shape[1] = rows[0]!.length / stem.inputShape.slice(1).reduce((a, b) => a * b, 1);
    const batch = tf.tensor(
      rows.flatMap((row) => [...row]),
      shape,
      rows[0] instanceof Int32Array ? 'int32' : 'float32',
    );
    const encoded = stem.forward(batch, { training: false });
    return (encoded instanceof tf.Tensor ? encoded : encoded.tokens).arraySync() as number[][][];
  });
}

beforeAll(async () => {
  await startRuntime();
});
afterEach(freeContexts);

describe('an optional input', () => {
  it('keeps the contract of a stem', async () => {
    await runStemContract(optional(text, ''), { examples: ['red boat', MISSING, 'sea'] });
    await runStemContract(optional(picture, new Float32Array(16)), { examples: [pixels, MISSING] });
    await runStemContract(optional(sound, Float32Array.of(0)), { examples: [samples, MISSING] });
  });

  it('gives a mixture with what is missing a share of the learned vector', () => {
    const mixing = { partners: tf.tensor1d([1, 0], 'int32'), shares: tf.tensor1d([0.25, 0.5]) };
    const heard: unknown[] = [];
    const zeros = (context: StemContext): Stem<number> => ({
      modality: 'numbers',
      inputShape: [1],
      prepare: (raw) => Float32Array.of(raw),
      forward: (batch, call) => {
        call.mixed?.(mixing);
        return tf.zeros([batch.shape[0]!, 1, context.width]);
      },
    });
    const context = freshContext();
    const stem = optional<number>(
      zeros,
      0,
    )({ ...context, variable: (name, shape) => context.variable(name, shape, 'ones') });
    tf.tidy(() => {
      const rows = [stem.prepare(MISSING), stem.prepare(7)].map(([number]) => number!);
      const call = { training: true, mixed: (mixture: unknown) => void heard.push(mixture) };
      const tokens = (stem.forward(tf.tensor2d(rows, [2, 1]), call) as tf.Tensor3D).arraySync();
      // The first is missing: a quarter of it is its own, and half of the second.
      expect(new Set(tokens[0]!.flat())).toEqual(new Set([0.25]));
      expect(new Set(tokens[1]!.flat())).toEqual(new Set([0.5]));
      expect(heard).toEqual([mixing]);
    });
    tf.dispose([mixing.partners, mixing.shares]);
  });

  it('mixes the learned vector of a missing text as the tokens of another one are mixed', () => {
    const options = {
      tokens: 'words',
      length: 4,
      pieces: 0,
      dropout: 0,
      wordDropout: 0,
      wordNoise: 0,
      mixup: 1,
    } as const;
    const field = textInput.build(options, () => expect.unreachable());
    const context = freshContext();
    const stem = field.stem(
      [],
      vocabulary.data as never,
    )({
      ...context,
      variable: (name, shape, initializer, more) =>
        context.variable(name, shape, name === 'missing' ? 'ones' : initializer, more),
    });
    tf.tidy(() => {
      const rows = [MISSING, 'red sea', 'blue'].map((raw) => [...stem.prepare(raw)]);
      const batch = tf.tensor2d(
        rows.flatMap((row) => [...row, 0, 0, 0].slice(0, 3)),
        [3, 3],
        'int32',
      ); // [batch, words]
      const read = (call: Call) => stem.forward(batch, call) as MaskedTokens;
      const plain = read({ training: true });
      const alone = plain.tokens.mul(plain.mask.expandDims(2)) as tf.Tensor3D;
      // The vector stands at the one position that a missing text has.
      expect((alone.arraySync() as number[][][])[0]).toEqual([1, 0, 0].map((x) => new Array(context.width).fill(x)));
      expect(alone.slice([1, 0, 0]).abs().max().dataSync()[0]).toBeGreaterThan(0.1);
      const told: Mixing[] = [];
      const mixture = read({ training: true, mixed: (mixing) => void told.push(mixing) });
      const [{ partners, shares }] = told as [Mixing];
      const part = shares.reshape([3, 1, 1]);
      const expected = alone.mul(part).add(tf.gather(alone, partners).mul(tf.sub(1, part)));
      const difference = mixture.tokens.sub(expected).mul(mixture.mask.expandDims(2));
      expect(difference.abs().max().dataSync()[0]).toBeLessThan(1e-6);
    });
  });

  it('gives the learned vector for what is missing, and what the stem gives for all others', () => {
    const check = <Input>(stem: StemFactory<Input>, blank: Input, example: Input) => {
      const [there, missing, again] = tokensOf(optional(stem, blank), [example, MISSING, example]);
      expect(again!.flat()).toEqual(there!.flat().map((x) => expect.closeTo(x, 5)));
      for (const token of missing!) expect(token).toEqual(token.map(() => 1));
      const [plain] = tokensOf(stem, [example, example, example]);
      for (const [i, token] of there!.entries())
        for (const [j, x] of token.entries()) expect(x).toBeCloseTo(plain![i]![j]!, 5);
    };
    check(text, '', 'sea');
    check(picture, new Float32Array(16).fill(0.5), pixels);
    check(sound, Float32Array.of(0), samples);
  });

  it('is learned from empty cells, of pictures and texts', async () => {
    const folder = join(temporaryFolder(), 'holes');
    mkdirSync(folder, { recursive: true });
    for (const [name, grey] of Object.entries({ light: 220, dark: 30 })) {
      const raw = { width: 8, height: 8, channels: 3 as const };
      await sharp(new Uint8Array(192).fill(grey), { raw })
        .png()
        .toFile(join(folder, `${name}.png`));
    }
    // What is missing tells as much as what is there.
    const rows = [
      ['light.png', 'a good day', 'fine'],
      ['', 'a good day', 'lost'],
      ['dark.png', '', 'mute'],
      ['dark.png', 'a good day', 'dark'],
    ];
    const lines = Array.from({ length: 80 }, (_, i) => rows[(i * 7) % 4]!.join(','));
    writeFileSync(join(folder, 'rows.csv'), ['photo,note,state', ...lines, ''].join('\n'));
    const task = await dataTask({
      name: 'state',
      data: dataSet({ file: join(folder, 'rows.csv') }),
      inputs: { photo: { kind: 'picture', size: 8 }, note: { kind: 'text', length: 8 } },
      target: 'state',
    });
    const trunk = transformerTrunk({ width: 16, depth: 1, heads: 2 });
    const network = await createNetwork({ trunk, tasks: [task] as never, seed: 1 });
    await lastValueFrom(train(network, { steps: 100, batch: 16, seed: 1 }));
    const { state } = (await evaluate(network)) as Record<string, Record<string, number>>;
    expect(state!.accuracy).toBe(1);
    const input = await task.fromRow!({ photo: null, note: 'a good day' }, { row: 'line 1', folder });
    const [prediction] = await network.predict('state', [input]);
    expect(prediction).toMatchObject({ label: 'lost' });
    network.dispose();
  });
});
