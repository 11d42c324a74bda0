import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { collate, toTensor } from '../network/index.ts';
import { stepKey } from '../random/index.ts';
import type { Stem, StemFactory } from '../task/contract.ts';
import { checkDisplay } from './display.ts';
import { copyVariables, descend, withoutLeak } from './test-context.ts';

interface Encoded {
  readonly tokens: number[][][];
  readonly mask: number[][] | undefined;
}

/** Tokens in inference mode, on the host. */
function encode(stem: Stem<unknown>, examples: readonly unknown[], length?: number): Encoded {
  const host = collate(
    'contract',
    length === undefined || stem.lengths === undefined ? stem : { ...viewOf(stem), lengths: [length] },
    examples.map((example) => stem.prepare(example)),
  );
  return tf.tidy(() => {
    const given = stem.forward(toTensor(host), { training: false });
    const { tokens, mask } = 'tokens' in given ? given : { tokens: given, mask: undefined };
    return { tokens: tokens.arraySync(), mask: mask?.arraySync() };
  });
}

const viewOf = (stem: Stem<unknown>) => ({
  modality: stem.modality,
  inputShape: stem.inputShape,
  prepare: (raw: unknown) => stem.prepare(raw),
  forward: stem.forward.bind(stem),
});

function close(actual: readonly number[], expected: readonly number[], what: string): void {
  assert.equal(
    actual.length,
    expected.length,
    `${what}: expected ${expected.length} numbers, received ${actual.length}`,
  );
  const scale = Math.max(1, ...expected.map(Math.abs));
  for (const [i, value] of actual.entries()) {
    assert.ok(Math.abs(value - expected[i]!) <= 1e-4 * scale, `${what}: expected ${expected[i]}, received ${value}`);
  }
}

/**
 * What every stem must keep: same example, same numbers and, where it has them, same baseline and same display; tokens `[batch, positions, width]`, finite; an example's tokens do
 * not depend on its neighbours or on how far the batch is padded; gradients reach the weights and a step lowers a loss; equal
 * weights give equal tokens; no tensor is left.
 */
export async function runStemContract<I>(
  factory: StemFactory<I>,
  options: { readonly examples: readonly I[] },
): Promise<void> {
  const { examples } = options;
  assert.ok(
    examples.length >= 2,
    `runStemContract needs at least two examples, received ${examples.length}. Give more.`,
  );
  await withoutLeak('stem', (open) => {
    const bench = open();
    const stem = factory(bench.context) as Stem<unknown>;
    const { width } = bench.context;

    assert.ok(stem.modality.length > 0, 'the stem must name its modality');
    for (const example of examples)
      assert.deepEqual(stem.prepare(example), stem.prepare(example), 'prepare must give the same numbers again');

    for (const example of stem.display === undefined ? [] : examples) {
      const prepared = stem.prepare(example);
      checkDisplay(stem.display!(example), 'display()');
      assert.deepEqual(stem.display!(example), stem.display!(example), 'display() must give the same display again');
      assert.deepEqual(stem.prepare(example), prepared, 'display() must leave the example as it was');
    }

    const baselines = stem.baseline === undefined ? [] : examples.map((example) => stem.baseline!(example));
    for (const [i, features] of baselines.entries()) {
      assert.deepEqual(stem.baseline!(examples[i]), features, 'baseline must give the same again');
      const numbers = features instanceof Float32Array;
      assert.equal(
        numbers,
        baselines[0] instanceof Float32Array,
        'baseline must give numbers for all examples, or names',
      );
      if (!numbers) continue;
      assert.equal(features.length, baselines[0]!.length, 'baseline must give as many numbers for every example');
      assert.ok(features.every(Number.isFinite), 'numbers of baseline must be finite');
    }

    const whole = encode(stem, examples);
    assert.equal(whole.tokens.length, examples.length, 'forward must keep the batch axis');
    for (const { length } of stem.positions === undefined ? [] : whole.tokens)
      assert.equal(length, stem.positions, 'an example must become as many tokens as the stem has positions');
    for (const token of whole.tokens.flat()) {
      assert.equal(token.length, width, 'a token must be context.width wide');
      assert.ok(token.every(Number.isFinite), 'tokens must be finite');
    }
    for (const [i, example] of examples.entries()) {
      const alone = encode(stem, [example, example]);
      const real = (encoded: Encoded, at: number) =>
        encoded.tokens[at]!.filter((_, p) => encoded.mask === undefined || encoded.mask[at]![p] === 1).flat();
      close(real(alone, 0), real(whole, i), `tokens of example ${i} must not depend on its neighbours`);
      const longest = stem.lengths?.at(-1);
      if (longest !== undefined)
        close(real(encode(stem, [example], longest), 0), real(whole, i), 'tokens must not depend on padding');
    }

    const host = collate(
      'contract',
      stem,
      examples.map((example) => stem.prepare(example)),
    );
    const loss = () => {
      bench.randomness.begin(tf.tensor1d(stepKey(1, 1), 'int32'));
      const given = stem.forward(toTensor(host), { training: true });
      return tf
        .sub('tokens' in given ? given.tokens : given, 1)
        .square()
        .mean() as tf.Scalar;
    };
    const { before, after } = descend(bench.store, loss, 5, 0.01);
    assert.ok(after < before, `a few steps must lower a loss on the tokens: ${before} before, ${after} after`);

    const again = open(2);
    const copy = factory(again.context) as Stem<unknown>;
    copyVariables(bench.store, again.store);
    assert.deepEqual(encode(copy, examples), encode(stem, examples), 'equal weights must give equal tokens');
  });
}
