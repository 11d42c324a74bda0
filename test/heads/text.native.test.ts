import * as tf from '@tensorflow/tfjs';
import { BanyanError, type MaskedTokens, type Stem } from 'banyan-ml';
import { classifier, tokenStem, wordVocabulary } from 'banyan-ml/heads/text';
import { runHeadContract, runStemContract } from 'banyan-ml/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { collate } from '../../src/network/index.ts';
import { stepKey } from '../../src/random/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { testContext } from '../../src/testing/test-context.ts';

const sentences = ['the old baker sells a boat', 'a pear', 'the tall sailor reads', ''];
const vocabulary = wordVocabulary(sentences);

describe('text', () => {
  beforeAll(async () => {
    await startRuntime();
  });

  it('keeps the contract of a stem, an empty sentence and dropout included', async () => {
    await runStemContract(tokenStem({ vocabulary, length: 12 }), { examples: sentences });
    await runStemContract(tokenStem({ vocabulary, length: 12, positions: 'sinusoidal' }), { examples: sentences });
    await runStemContract(tokenStem({ vocabulary, length: 6, dropout: 0.2, wordDropout: 0.2 }), {
      examples: sentences,
    });
  });

  it('keeps the contract with pieces of words, too', async () => {
    await runStemContract(tokenStem({ vocabulary, length: 12, pieces: 50 }), { examples: sentences });
    await runStemContract(tokenStem({ vocabulary, length: 6, dropout: 0.2, wordDropout: 0.2, pieces: 7 }), {
      examples: sentences,
    });
  });

  it('reads an unknown word by its characters, and a word by its neighbour', () => {
    const { context, store } = testContext();
    const stem = tokenStem({ vocabulary, length: 4, pieces: 1000 })(context);
    const tokensOf = (sentence: string) => {
      const { shape, values } = collate('t', stem as Stem<unknown>, [stem.prepare(sentence)]);
      const { tokens } = stem.forward(tf.tensor(values, [...shape], 'int32'), { training: false }) as MaskedTokens;
      return tokens.arraySync()[0]!;
    };
    tf.tidy(() => {
      expect(tokensOf('bakers')[0]).not.toEqual(tokensOf('zebras')[0]);
      expect(tokensOf('a pear')[0]).not.toEqual(tokensOf('a boat')[0]);
      expect(tokensOf('a pear')[1]).toEqual(tokensOf('the pear')[1]);
    });
    store.dispose();
  });

  it('refuses pieces that are no number of vectors', () => {
    expect(() => tokenStem({ vocabulary, length: 4, pieces: -1 })).toThrow(
      'tokenStem: pieces must be a whole number >= 0, received -1. Raise it to 0 or more.',
    );
  });

  it('keeps the contract of a head', async () => {
    await runHeadContract(classifier({ classes: 4 }), { targets: [0, 3, 2] });
  });

  it('has at most four lengths, the last of them `length`', () => {
    const lengthsOf = (length: number) => {
      const { context, store } = testContext();
      const { lengths } = tokenStem({ vocabulary, length })(context);
      store.dispose();
      return lengths;
    };
    expect(lengthsOf(32)).toEqual([8, 16, 24, 32]);
    expect(lengthsOf(12)).toEqual([3, 6, 9, 12]);
    expect(lengthsOf(2)).toEqual([1, 2]);
    expect(lengthsOf(1)).toEqual([1]);
  });

  it('masks padding, so that it changes neither the mean nor the gradient', () => {
    const { context, store } = testContext();
    const stem = tokenStem({ vocabulary, length: 8 })(context);
    const head = classifier({ classes: 3 })({
      ...context,
      variable: (name, ...rest) => context.variable(`head/${name}`, ...rest),
    });
    const embedding = store.all().find((v) => v.name.endsWith('embedding'))!.tensor;
    tf.tidy(() => {
      const loss = (ids: number[]) => {
        const { tokens, mask } = stem.forward(tf.tensor2d([ids], undefined, 'int32'), {
          training: false,
        }) as MaskedTokens;
        expect(mask.arraySync()).toEqual([ids.map((id) => (id > 0 ? 1 : 0))]);
        return head.loss(head.forward(tokens, { training: false, mask }), tf.tensor1d([1], 'int32')).sum() as tf.Scalar;
      };
      const short = tf.variableGrads(() => loss([3, 4]));
      const long = tf.variableGrads(() => loss([3, 4, 0, 0, 0, 0, 0, 0]));
      expect(long.value.dataSync()[0]).toBeCloseTo(short.value.dataSync()[0]!, 5);
      const rows = long.grads[embedding.name]!.abs().sum(1).dataSync();
      expect([...rows].map((row) => row > 0)).toEqual([...rows].map((_, id) => id === 3 || id === 4));
      expect(store.all().every((v) => (long.grads[v.tensor.name]!.isFinite().all().dataSync()[0] ?? 0) === 1)).toBe(
        true,
      );
    });
    store.dispose();
  });

  it('cannot be flattened: sentences are of any length', () => {
    const { context, store } = testContext();
    const { positions } = tokenStem({ vocabulary, length: 8 })(context);
    expect(positions).toBeUndefined();
    store.dispose();
  });

  it('drops words in training only: real ones, the same for the same key', () => {
    const { context, store, randomness } = testContext();
    const stem = tokenStem({ vocabulary, length: 8, wordDropout: 0.5 })(context);
    tf.tidy(() => {
      const batch = tf.tensor2d(
        Array.from({ length: 64 }, () => [2, 3, 4, 5, 0, 0, 0, 0]),
        undefined,
        'int32',
      );
      const encode = (training: boolean, step: number) => {
        randomness.begin(tf.tensor1d(stepKey(1, step), 'int32'));
        return (stem.forward(batch, { training }) as MaskedTokens).tokens.arraySync();
      };
      const plain = encode(false, 1);
      expect(encode(false, 2)).toEqual(plain);
      const dropped = encode(true, 1);
      expect(encode(true, 1)).toEqual(dropped);
      expect(encode(true, 2)).not.toEqual(dropped);
      const changed = (from: number, to: number) =>
        dropped.flatMap((sentence, i) =>
          sentence.slice(from, to).filter((token, p) => String(token) !== String(plain[i]![from + p])),
        ).length;
      expect(changed(0, 4)).toBeGreaterThan(90);
      expect(changed(0, 4)).toBeLessThan(166);
      expect(changed(4, 8)).toBe(0);
    });
    store.dispose();
  });

  it('makes its vocabulary once, and takes the saved one instead', () => {
    const { context, store } = testContext();
    let made = 0;
    const make = () => {
      made++;
      return vocabulary;
    };
    const factory = tokenStem({ vocabulary: make, length: 4 });
    expect(made).toBe(0);
    const saved = { ...context, asset: () => ['pear', 'zebra'] as never };
    expect([...factory(saved).prepare('a zebra')]).toEqual([1, 3]);
    expect(made).toBe(0);
    const other = testContext();
    expect([...factory(other.context).prepare('a pear of the old baker')]).toEqual([2, 6, 1, 11]);
    expect(made).toBe(1);
    store.dispose();
    other.store.dispose();
  });

  it('says which option is wrong', () => {
    expect(() => tokenStem({ vocabulary, length: 0 })).toThrow(BanyanError);
    expect(() => tokenStem({ vocabulary, length: 4, wordDropout: 1 })).toThrow(
      'tokenStem: wordDropout must be a number >= 0 and < 1, received 1. Lower it below 1.',
    );
  });
});
