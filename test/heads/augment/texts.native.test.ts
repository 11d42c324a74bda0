import * as tf from '@tensorflow/tfjs';
import { startRuntime } from 'banyan-ml';
import { byteVocabulary, tokenStem, wholeWords, wordsStem, wordVocabulary } from 'banyan-ml/heads/text';
import type { MaskedTokens } from 'banyan-ml/layers';
import { runStemContract } from 'banyan-ml/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { dropWords } from '../../../heads/text/augment/word-dropout.ts';
import { switchWords } from '../../../heads/text/augment/word-noise.ts';
import { testContext } from '../../../src/testing/test-context.ts';
import { listening, randomAt } from './draws.ts';

beforeAll(async () => void (await startRuntime()));

const texts = ['red boat', 'blue sea and red sea', '', 'sea'];
const vocabulary = wordVocabulary(texts);

describe('switchWords', () => {
  it('puts any word, all as often, in the place of a share of them, and leaves padding', () => {
    tf.tidy(() => {
      const ids = tf.fill([4000, 4], 3, 'int32').mul(tf.tensor1d([1, 1, 1, 0], 'int32')) as tf.Tensor2D;
      const { ids: switched, changed } = switchWords(ids, 0.3, 7, randomAt(1));
      expect(switched.dtype).toBe('int32');
      const rows = switched.arraySync() as number[][];
      const flags = changed.arraySync() as number[][];
      expect(rows.every((row) => row[3] === 0)).toBe(true);
      expect(rows.every((row, i) => row.every((id, j) => flags[i]![j] || id === (j === 3 ? 0 : 3)))).toBe(true);
      expect(flags.flatMap((row) => row.slice(0, 3)).filter(Boolean).length / 12_000).toBeCloseTo(0.3, 1.5);
      const drawn = rows.flatMap((row, i) => row.filter((_, j) => flags[i]![j]));
      // Ids 2 to 6 are words.
      for (const id of [2, 3, 4, 5, 6])
        expect(drawn.filter((other) => other === id).length / drawn.length).toBeCloseTo(0.2, 1.3);
      expect(new Set(drawn)).toEqual(new Set([2, 3, 4, 5, 6]));
    });
  });
});

describe('dropWords', () => {
  it('takes a share of the words for unknown, and leaves padding', () => {
    tf.tidy(() => {
      const ids = tf.fill([4000, 2], 3, 'int32').mul(tf.tensor1d([1, 0], 'int32')) as tf.Tensor2D;
      const rows = dropWords(ids, 0.3, randomAt(1)).ids.arraySync() as number[][];
      expect(rows.filter(([id]) => id === 1).length / 4000).toBeCloseTo(0.3, 1.3);
      expect(new Set(rows.map(String))).toEqual(new Set(['1,0', '3,0']));
    });
  });
});

describe('a stem of texts', () => {
  it('keeps its contract with noise and mixup, of words with pieces and of bytes', async () => {
    const noisy = { length: 8, wordDropout: 0.1, wordNoise: 0.2, mixup: 0.4 };
    await runStemContract(tokenStem({ ...noisy, vocabulary, pieces: 12 }), { examples: texts });
    await runStemContract(tokenStem({ ...noisy, vocabulary: byteVocabulary() }), { examples: texts });
  });

  it('does not tell by its pieces which word was there', () => {
    const { context, store, randomness } = testContext();
    const stem = tokenStem({ vocabulary, length: 4, pieces: 30, wordNoise: 0.99, positions: 'none' })(context);
    tf.tidy(() => {
      const [first, second] = ['boat', 'blue'].map((word) => {
        randomness.begin(tf.tensor1d([1, 2], 'int32'));
        const batch = tf.tensor(Int32Array.from(stem.prepare(word)), [1, 1, 25], 'int32').tile([40, 1, 1]);
        return (stem.forward(batch, { training: true }) as MaskedTokens).tokens.arraySync();
      });
      const same = first!.filter((tokens, i) => String(tokens) === String(second![i])).length;
      expect(same).toBeGreaterThan(36);
    });
    store.dispose();
  });

  it('mixes tokens by its partners, padding as 0, and is as long as the longer one', () => {
    const { context, store } = testContext();
    const stem = tokenStem({ vocabulary, length: 4, mixup: 1 })(context);
    tf.tidy(() => {
      const batch = tf.tensor2d(
        [
          [2, 3, 0, 0],
          [4, 0, 0, 0],
          [5, 2, 3, 4],
        ],
        undefined,
        'int32',
      );
      const { call, heard } = listening();
      const plain = stem.forward(batch, { training: true }) as MaskedTokens;
      const mixed = stem.forward(batch, call) as MaskedTokens;
      const [partners, shares] = [heard[0]!.partners.arraySync(), heard[0]!.shares.arraySync()];
      const [tokens, mask] = [plain.tokens.arraySync(), plain.mask.arraySync()];
      for (const [i, sample] of mixed.tokens.arraySync().entries()) {
        const [p, share] = [partners[i]!, shares[i]!];
        expect(mixed.mask.arraySync()[i]).toEqual(mask[i]!.map((one, j) => Math.max(one, mask[p]![j]!)));
        for (const [j, token] of sample.entries()) {
          const own = tokens[i]![j]!.map((x) => share * mask[i]![j]! * x);
          const expected = own.map((x, c) => x + (1 - share) * mask[p]![j]! * tokens[p]![j]![c]!);
          expect(token).toEqual(expected.map((x) => expect.closeTo(x, 4)));
        }
      }
    });
    store.dispose();
  });

  it('says which option is wrong', () => {
    expect(() => tokenStem({ vocabulary, length: 4, wordNoise: 1 })).toThrow('wordNoise must be a number >= 0 and < 1');
    expect(() => tokenStem({ vocabulary, length: 4, mixup: -1 })).toThrow('mixup must be a number >= 0, received -1.');
    expect(() => wordsStem({ vocabulary: wholeWords(texts), length: 4, mixup: 0.2 })).toThrow(
      'wordsStem: mixup is 0.2, expected 0, since the words of two texts do not have the labels of one. Leave it out.',
    );
  });
});
