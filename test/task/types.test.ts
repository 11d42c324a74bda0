import type * as tf from '@tensorflow/tfjs';
import {
  type AnyTask,
  createNetwork,
  defineTask,
  denseTrunk,
  type Example,
  type Head,
  type HeadContext,
  type HeadFactory,
  type InputOf,
  type Metric,
  type PredictionOf,
  type RankOf,
  rmse,
  type SampleOf,
  type SampleOutput,
  type Source,
  type Stem,
  type StemContext,
  type StemFactory,
  type Task,
} from 'banyan-ml';
import { arraySource } from 'banyan-ml/data';
import { describe, expectTypeOf, it } from 'vitest';

// Declarations alone: what is inferred where a part is written or put together. The compiler is the test.
declare const context: StemContext & HeadContext;
declare const words: Source<string, number>;
declare const pairs: Source<string, Readonly<Record<string, number>>>;
declare const readWords: StemFactory<string>;
declare const readPixels: StemFactory<Float32Array, tf.Tensor4D>;
declare const asked: Source<{ page: Float32Array; words: string }, number>;
declare const scored: HeadFactory<number, { readonly score: number }, tf.Tensor2D>;
declare const named: HeadFactory<'yes' | 'no', string>;

describe('a weight', () => {
  it('has the rank of its shape', () => {
    expectTypeOf<RankOf<readonly [4, 8]>>().toEqualTypeOf<tf.Rank.R2>();
    expectTypeOf<RankOf<readonly number[]>>().toEqualTypeOf<tf.Rank>();
    const make = () => {
      expectTypeOf(context.variable('kernel', [4, context.width], 'zeros')).toEqualTypeOf<tf.Variable<tf.Rank.R2>>();
      context.variable('kernel', [3, 3, 1, 8], 'heNormal') satisfies tf.Tensor4D;
      // @ts-expect-error a bias is no matrix
      context.variable('bias', [8], 'zeros') satisfies tf.Tensor2D;
    };
    expectTypeOf(make).toBeFunction();
  });
});

describe('a stem', () => {
  it('reads its input, and is handed the batch that it names', () => {
    const stem = {
      modality: 'pixels',
      inputShape: [2, 2, 1],
      prepare: (raw) => {
        expectTypeOf(raw).toEqualTypeOf<Uint8Array>();
        return raw;
      },
      forward: (batch) => {
        expectTypeOf(batch).toEqualTypeOf<tf.Tensor4D>();
        return batch.reshape<tf.Tensor3D>([-1, 4, 1]);
      },
      // @ts-expect-error no member has this name: a misspelt one would never be called
      show: () => [],
    } satisfies Stem<Uint8Array, tf.Tensor4D>;
    // Whoever names no batch takes any.
    expectTypeOf(stem).toExtend<Stem<Uint8Array>>();
    // @ts-expect-error it reads bytes, no sentences
    stem satisfies Stem<string>;
  });
});

describe('a head', () => {
  it('hands loss and decode what forward gives', () => {
    expectTypeOf<SampleOf<tf.Tensor2D>>().toEqualTypeOf<Float32Array>();
    type Two = { readonly policy: tf.Tensor2D; readonly value: tf.Tensor1D };
    expectTypeOf<SampleOf<Two>>().toEqualTypeOf<{ readonly policy: Float32Array; readonly value: Float32Array }>();
    expectTypeOf<SampleOutput>().toEqualTypeOf<Float32Array | { readonly [name: string]: Float32Array }>();
    const head = {
      metrics: [rmse()],
      forward: (tokens) => ({ policy: tokens.mean<tf.Tensor2D>(1), value: tokens.mean<tf.Tensor1D>([1, 2]) }),
      loss: (output, target) => {
        expectTypeOf(output).toEqualTypeOf<Two>();
        expectTypeOf(target).toEqualTypeOf<tf.Tensor>();
        return output.value;
      },
      decode: ({ value }) => {
        expectTypeOf(value).toEqualTypeOf<Float32Array>();
        return value[0]!;
      },
    } satisfies Head<number, number, Two>;
    expectTypeOf(head).toExtend<Head<number, number>>();
    // @ts-expect-error it predicts numbers, no words
    head satisfies Head<number, string>;
    // @ts-expect-error forward gives one tensor where two were promised
    ({ ...head, forward: (tokens: tf.Tensor3D) => tokens }) satisfies Head<number, number, Two>;
  });

  it('takes metrics of its targets and predictions alone', () => {
    expectTypeOf(rmse()).toExtend<Metric<number, number>>();
    expectTypeOf<Parameters<Metric<string, boolean>['update']>>().toEqualTypeOf<
      [target: string, prediction: boolean]
    >();
  });
});

describe('a source', () => {
  it('has the inputs and labels of its arrays', () => {
    const make = () => {
      const lists = arraySource({ inputs: ['a', 'b'], targets: Int32Array.of(0, 1), validation: 0.5 });
      expectTypeOf(lists).toExtend<Source<string, number>>();
      const block = { data: new Float32Array(4), shape: [2, 2] };
      const labels = { left: Int32Array.of(0, 1), right: Int32Array.of(1, 0) };
      const records = arraySource({ inputs: block, targets: labels, validation: 0.5 });
      expectTypeOf(records).toExtend<Source<Float32Array, Readonly<Record<'left' | 'right', number>>>>();
      // @ts-expect-error neither a list nor numbers with a shape
      arraySource({ inputs: 'ab', targets: Int32Array.of(0, 1), validation: 0.5 });
    };
    expectTypeOf(make).toBeFunction();
    expectTypeOf<Example<string, number>['target']>().toEqualTypeOf<number | undefined>();
  });
});

describe('a task', () => {
  it('carries its name, input and prediction', () => {
    const make = () => {
      const task = defineTask({ name: 'deeds', stem: readWords, head: scored, source: words });
      expectTypeOf(task).toEqualTypeOf<Task<string, number, { readonly score: number }, 'deeds'>>();
      expectTypeOf<InputOf<typeof task>>().toEqualTypeOf<string>();
      expectTypeOf<PredictionOf<typeof task>>().toEqualTypeOf<{ readonly score: number }>();
      expectTypeOf(defineTask({ name: 'left', stem: readWords, head: scored, source: pairs, target: 'left' }).name)
        // The label is one of the record's.
        .toEqualTypeOf<'left'>();
    };
    expectTypeOf(make).toBeFunction();
  });

  it("takes the target of a head that is written in its place from the named label, not from the source's record", () => {
    const make = () => {
      const task = defineTask({
        name: 'left',
        stem: readWords,
        head: ({ width }) => ({
          target: {
            shape: [],
            dtype: 'float32',
            prepare: (target) => {
              expectTypeOf(target).toEqualTypeOf<number>();
              return target / width;
            },
          },
          metrics: [],
          forward: (tokens) => tokens.mean<tf.Tensor2D>(1),
          loss: (output: tf.Tensor2D, target) => output.sum(1).sub(target) as tf.Tensor1D,
          decode: (output: Float32Array) => output.length > 1,
        }),
        source: pairs,
        target: 'left',
      });
      expectTypeOf(task).toEqualTypeOf<Task<string, number, boolean, 'left'>>();
      // Without a name the record is the target.
      const whole = defineTask({
        name: 'both',
        stem: readWords,
        head: () => ({
          metrics: [],
          forward: (tokens) => tokens.mean<tf.Tensor2D>(1),
          loss: (output: tf.Tensor2D, target) => output.sum(1).sub(target) as tf.Tensor1D,
          decode: (output: Float32Array) => output.length > 1,
        }),
        source: pairs,
      });
      expectTypeOf(whole).toEqualTypeOf<Task<string, Readonly<Record<string, number>>, boolean, 'both'>>();
    };
    expectTypeOf(make).toBeFunction();
  });

  it('refuses parts that do not fit', () => {
    const make = () => {
      // @ts-expect-error a stem of pixels and a source of sentences
      defineTask({ name: 'wrong', stem: readPixels, head: scored, source: words });
      // @ts-expect-error a head of words and a source of numbers
      defineTask({ name: 'wrong', stem: readWords, head: named, source: words });
      // @ts-expect-error there is no such option
      defineTask({ name: 'wrong', stem: readWords, head: scored, source: words, wieght: 2 });
    };
    expectTypeOf(make).toBeFunction();
  });
});

describe('a task of several inputs', () => {
  it('takes the record that its stems read, from a source that gives it', () => {
    const make = async () => {
      const stems = { page: readPixels, words: readWords };
      const task = defineTask({ name: 'asked', stems, head: scored, source: asked });
      expectTypeOf<InputOf<typeof task>>().toEqualTypeOf<{ page: Float32Array; words: string }>();
      expectTypeOf<PredictionOf<typeof task>>().toEqualTypeOf<{ readonly score: number }>();
      task satisfies AnyTask;
      const network = await createNetwork({ trunk: denseTrunk({ width: 4, depth: 1 }), tasks: [task] });
      const predicted = await network.predict('asked', [{ page: new Float32Array(4), words: 'no' }]);
      expectTypeOf(predicted).toEqualTypeOf<{ readonly score: number }[]>();
      // @ts-expect-error the record lacks an input
      await network.predict('asked', [{ page: new Float32Array(4) }]);
      // A source may give more than is read.
      defineTask({ name: 'a', stems: { words: readWords }, head: scored, source: asked });
      // @ts-expect-error the stem of words does not take pixels
      defineTask({ name: 'a', stems: { page: readWords, words: readWords }, head: scored, source: asked });
      // @ts-expect-error the source gives no such input
      defineTask({ name: 'a', stems: { ...stems, sound: readPixels }, head: scored, source: asked });
      // @ts-expect-error a stem is named one way
      defineTask({ name: 'a', stem: readWords, stems, head: scored, source: asked });
    };
    expectTypeOf(make).toBeFunction();
  });
});
