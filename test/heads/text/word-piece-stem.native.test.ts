import * as tf from '@tensorflow/tfjs';
import { type TextOrPair, wordPieceStem, wordPieces } from 'banyan-ml/heads/text';
import { runStemContract } from 'banyan-ml/testing';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { startRuntime } from '../../../src/runtime/index.ts';
import { freeContexts, freshContext } from '../fresh-context.ts';

beforeAll(async () => void (await startRuntime()));
afterEach(freeContexts);

const pieces = ['[UNK]', '[CLS]', '[SEP]', 'a', 'b', 'c'];
const vocabulary = wordPieces({ kind: 'word-piece', pieces, lowercase: true });

it('keeps the contract of a stem', async () => {
  const examples: TextOrPair[] = ['a b c', ['a', 'c b'], '', 'a a a a a a a a a a a'];
  await runStemContract(wordPieceStem({ vocabulary, length: 8, dropout: 0.1 }), { examples });
  await runStemContract(wordPieceStem({ vocabulary: () => vocabulary, length: 8 }), { examples });
});

it('puts marks around texts, tells two texts apart, and cuts the longer one', () => {
  const { prepare } = wordPieceStem({ vocabulary, length: 8 })(freshContext());
  const numbersOf = (raw: TextOrPair) =>
    Array.from({ length: prepare(raw).length / 2 }, (_, i) => prepare(raw)[2 * i]! - 1);
  const textsOf = (raw: TextOrPair) =>
    Array.from({ length: prepare(raw).length / 2 }, (_, i) => prepare(raw)[2 * i + 1]);
  expect(numbersOf('a z')).toEqual([1, 3, 0, 2]);
  expect(numbersOf(['a', 'b c'])).toEqual([1, 3, 2, 4, 5, 2]);
  expect(textsOf(['a', 'b c'])).toEqual([0, 0, 0, 1, 1, 1]);
  expect(numbersOf(['a b', 'c c c c c c'])).toEqual([1, 3, 4, 2, 5, 5, 5, 2]);
  expect(numbersOf('a b c a b c a')).toEqual([1, 3, 4, 5, 3, 4, 5, 2]);
});

it('gives no token to padding', () => {
  const stem = wordPieceStem({ vocabulary, length: 8 })(freshContext());
  tf.tidy(() => {
    const batch = tf.tensor3d(
      [
        [
          [2, 0],
          [4, 0],
          [3, 0],
          [0, 0],
        ],
      ],
      [1, 4, 2],
      'int32',
    );
    const { mask } = stem.forward(batch, { training: false }) as { mask: tf.Tensor2D };
    expect([...mask.dataSync()]).toEqual([1, 1, 1, 0]);
  });
});

it('refuses a length that holds no piece', () => {
  expect(() => wordPieceStem({ vocabulary, length: 2 })).toThrow(
    'wordPieceStem: length must be a whole number >= 3, received 2. Raise it to 3 or more.',
  );
});
