import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { maskedMean } from '../layers/index.ts';
import { collate, type HostTensor, toTensor } from '../network/index.ts';
import { stepKey } from '../random/index.ts';
import type { Head, Mixing, Stem, StemFactory } from '../task/contract.ts';
import { type AnyTask, defineTask } from '../task/task.ts';
import { runContract, tensorContractOf } from './contract.ts';
import { checkDisplay, checkPlaces } from './display.ts';
import { assertSameInGraph, assertSurvivesSaving, sourceOf } from './in-network.ts';
import { descend, withContext } from './test-context.ts';

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
    const encoded = stem.forward(toTensor(host), { training: false });
    const { tokens, mask } = 'tokens' in encoded ? encoded : { tokens: encoded, mask: undefined };
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

/** What a stem shows of one example by `call.looks`: the places' shape, each time; and its tokens. */
function look(
  stem: Stem<unknown>,
  host: HostTensor,
): {
  readonly looked: readonly (readonly number[])[];
  readonly tokens: readonly (readonly number[])[];
  /** Whether other numbers in their place give other tokens. */
  readonly follows: boolean;
} {
  const looked: (readonly number[])[] = [];
  let tokens: number[][] = [];
  let follows = true;
  tf.tidy(() => {
    const batch = toTensor(host);
    const encode = (replaced: (numbers: tf.Tensor) => tf.Tensor): number[][] => {
      const looks = <T extends tf.Tensor>(numbers: T, axes: number): T => {
        assert.equal(numbers.dtype, 'float32', 'call.looks must be given float32 numbers');
        assert.ok(
          Number.isInteger(axes) && axes >= 1 && axes < numbers.rank,
          `call.looks must be told from 1 to ${numbers.rank - 1} axes of places, received ${axes}`,
        );
        looked.push(numbers.shape.slice(1, 1 + axes));
        return replaced(numbers) as T;
      };
      const encoded = stem.forward(batch, { training: false, looks });
      return ('tokens' in encoded ? encoded.tokens : encoded).squeeze<tf.Tensor2D>([0]).arraySync();
    };
    tokens = encode((numbers) => numbers);
    assert.ok(looked.length <= 1, `call.looks may be called once, received ${looked.length} calls`);
    if (looked.length === 1) follows = String(encode((numbers) => numbers.add(1))) !== String(tokens);
  });
  return { looked, tokens, follows };
}

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** The stem's contract is checked on this. */
export interface StemSubject<Input> {
  readonly factory: StemFactory<Input>;
  /** There are at least two raw examples. */
  readonly examples: readonly Input[];
}

/** A head that gives the mean of the tokens, so that a network shows what a stem gives it. */
const meanHead = (): Head<number, Float32Array, tf.Tensor2D> => ({
  metrics: [],
  forward: (tokens, call) => maskedMean(tokens, call), // [batch, width]
  loss: (output, target) => output.sub(target.expandDims(1)).square().mean(1), // [batch]
  decode: (output) => output,
});

function taskOf({ factory, examples }: StemSubject<unknown>): AnyTask {
  const source = sourceOf(examples.map((input) => ({ input, target: 1 })));
  return defineTask({ name: 'contract', stem: factory, head: meanHead, source });
}

/** Every stem must keep these clauses. */
export const stemContract = tensorContractOf<StemSubject<unknown>>('stem', {
  'names its modality': ({ factory }) =>
    withContext(({ context }) => assert.ok(factory(context).modality.length > 0, 'the stem must name its modality')),

  'prepares an example alike each time': ({ factory, examples }) =>
    withContext(({ context }) => {
      const stem = factory(context);
      for (const example of examples)
        assert.deepEqual(stem.prepare(example), stem.prepare(example), 'prepare must give the same numbers again');
    }),

  'prepares numbers of the types that it tells': ({ factory, examples }) =>
    withContext(({ context }) => {
      const { dtypes, prepare } = factory(context);
      for (const example of dtypes === undefined ? [] : examples) {
        const dtype = prepare(example) instanceof Float32Array ? 'float32' : 'int32';
        assert.ok(dtypes!.includes(dtype), `prepare must give one of dtypes: ${dtypes!.join(', ')}, received ${dtype}`);
      }
    }),

  'displays an example alike each time': ({ factory, examples }) =>
    withContext(({ context }) => {
      const stem = factory(context);
      for (const example of stem.display === undefined ? [] : examples) {
        const prepared = stem.prepare(example);
        checkDisplay(stem.display!(example), 'display()');
        assert.deepEqual(stem.display!(example), stem.display!(example), 'display() must give the same display again');
        assert.deepEqual(stem.prepare(example), prepared, 'display() must leave the example as it was');
      }
    }),

  'shows the places of an example, if it does': ({ factory, examples }) =>
    withContext(({ context }) => {
      const stem = factory(context);
      const follow: boolean[] = [];
      for (const example of examples) {
        const host = collate('contract', stem, [stem.prepare(example)]);
        const { looked, tokens, follows } = look(stem, host);
        follow.push(follows);
        const [numbers] = looked;
        const counts = { input: sizeOf(numbers ?? host.shape.slice(1)), tokens: tokens.length };
        for (const at of ['input', 'tokens'] as const) {
          const places = stem.places?.(example, at);
          if (places !== undefined) checkPlaces(places, counts[at], `places() of the ${at}`);
        }
      }
      // Not of each: one that is missing has the same tokens whatever its numbers are.
      assert.ok(follow.some(Boolean), 'tokens must follow from what call.looks gives');
    }),

  'gives one kind of baseline': ({ factory, examples }) =>
    withContext(({ context }) => {
      const stem = factory(context);
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
    }),

  'gives finite tokens of the width of the trunk': ({ factory, examples }) =>
    withContext(({ context }) => {
      const stem = factory(context);
      const whole = encode(stem, examples);
      assert.equal(whole.tokens.length, examples.length, 'forward must keep the batch axis');
      for (const { length } of stem.positions === undefined ? [] : whole.tokens)
        assert.equal(length, stem.positions, 'an example must become as many tokens as the stem has positions');
      for (const token of whole.tokens.flat()) {
        assert.equal(token.length, context.width, 'a token must be context.width wide');
        assert.ok(token.every(Number.isFinite), 'tokens must be finite');
      }
    }),

  'reads each example by itself': ({ factory, examples }) =>
    withContext(({ context }) => {
      const stem = factory(context);
      const whole = encode(stem, examples);
      const real = (encoded: Encoded, at: number) =>
        encoded.tokens[at]!.filter((_, p) => encoded.mask === undefined || encoded.mask[at]![p] === 1).flat();
      for (const [i, example] of examples.entries()) {
        const alone = encode(stem, [example, example]);
        close(real(alone, 0), real(whole, i), `tokens of example ${i} must not depend on its neighbours`);
        const longest = stem.lengths?.at(-1);
        if (longest !== undefined)
          close(real(encode(stem, [example], longest), 0), real(whole, i), 'tokens must not depend on padding');
      }
    }),

  'learns: a few steps lower a loss on its tokens': ({ factory, examples }) =>
    withContext(({ context, store, randomness }) => {
      const stem = factory(context);
      const host = collate(
        'contract',
        stem,
        examples.map((example) => stem.prepare(example)),
      );
      const loss = () => {
        randomness.begin(tf.tensor1d(stepKey(1, 1), 'int32'));
        const encoded = stem.forward(toTensor(host), { training: true });
        return tf
          .sub('tokens' in encoded ? encoded.tokens : encoded, 1)
          .square()
          .mean<tf.Scalar>();
      };
      const { before, after } = descend(store, loss, 5, 0.01);
      assert.ok(after < before, `a few steps must lower a loss on the tokens: ${before} before, ${after} after`);
    }),

  'tells how it mixes examples, if it does': ({ factory, examples }) =>
    withContext(({ context, randomness }) => {
      const stem = factory(context);
      const prepared = collate(
        'contract',
        stem,
        examples.map((example) => stem.prepare(example)),
      );
      tf.tidy(() => {
        const told: Mixing[] = [];
        randomness.begin(tf.tensor1d(stepKey(1, 1), 'int32'));
        stem.forward(toTensor(prepared), { training: true, mixed: (mixing) => void told.push(mixing) });
        assert.ok(told.length <= 1, `call.mixed may be called once, received ${told.length} calls`);
        for (const { partners, shares } of told) {
          assert.equal(partners.dtype, 'int32', 'partners must be int32');
          assert.deepEqual(partners.shape, [examples.length], 'there must be one partner for each example');
          assert.deepEqual(shares.shape, [examples.length], 'there must be one share for each example');
          const inside = [...shares.dataSync()].every((share) => share >= 0 && share <= 1);
          assert.ok(inside, 'shares must lie from 0 to 1');
          const there = [...partners.dataSync()].every((partner) => partner >= 0 && partner < examples.length);
          assert.ok(there, 'partners must be numbers of examples in the batch');
        }
      });
    }),

  'computes the same in a graph': (subject) =>
    assertSameInGraph(taskOf(subject), subject.examples, subject.examples.length),

  'survives save and load': (subject) =>
    assertSurvivesSaving(taskOf(subject), subject.examples, subject.examples.length),
});

/**
 * Checks what every stem must keep (`stemContract.clauses`): the same example gives the same numbers and, where it has them, the same
 * baseline and display; tokens `[batch, positions, width]` are finite; an example's tokens do not depend on its neighbours or on how
 * far the batch is padded; what `call.looks` gives is what tokens are made of, and `places` has a name for what is there; gradients reach the weights and a step lowers a loss; how examples are mixed is told rightly; a graph computes the same; a saved stem gives the
 * same; no tensor is left.
 */
export async function runStemContract<Input>(
  factory: StemFactory<Input>,
  options: { readonly examples: readonly Input[] },
): Promise<void> {
  const { examples } = options;
  assert.ok(
    examples.length >= 2,
    `runStemContract needs at least two examples, received ${examples.length}. Give more.`,
  );
  await runContract(stemContract, { factory: factory as StemFactory<unknown>, examples });
}
