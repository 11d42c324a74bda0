// Tasks whose heads write: digits are read, and written again backwards or sorted.
import * as tf from '@tensorflow/tfjs';
import { arraySource } from '../../src/data/index.ts';
import { sequenceCrossEntropy } from '../../src/loss/sequence-cross-entropy.ts';
import { RandomStream } from '../../src/random/index.ts';
import type { HeadContext, Metric, StemContext } from '../../src/task/contract.ts';
import { defineTask } from '../../src/task/index.ts';
import { transformerTrunk } from '../../src/trunk/index.ts';

/** Digits are the symbols 1 to DIGITS; the one after them ends a sequence. */
const DIGITS = 5;
export const END = DIGITS + 1;
const SYMBOLS = END + 1;
export const LONGEST = 6;

export const trunk = transformerTrunk({ width: 32, depth: 2, heads: 2, decoder: 1 });

export function digitStem(context: StemContext) {
  context.settings({ version: 1 });
  const embedding = context.variable('embedding', [SYMBOLS, context.width], { normal: 0.3 });
  const places = context.variable('places', [LONGEST, context.width], { normal: 0.3 });
  return {
    modality: 'digits',
    inputShape: [LONGEST],
    lengths: [3, LONGEST],
    prepare: (digits: readonly number[]) => Int32Array.from(digits),
    forward: (batch: tf.Tensor) => ({
      tokens: tf
        .gather(embedding, batch as tf.Tensor2D)
        .add(places.slice([0, 0], [batch.shape[1]!, -1])) as tf.Tensor3D,
      mask: batch.greater(0).cast('float32') as tf.Tensor2D,
    }),
  };
}

/** How many sequences are right as a whole. */
const exactMatch = (): Metric<readonly number[], readonly number[]> => {
  let [right, count] = [0, 0];
  return {
    name: 'exact',
    update: (target, prediction) => {
      right += Number(String(target) === String(prediction));
      count++;
    },
    result: () => right / count,
    reset: () => {
      [right, count] = [0, 0];
    },
  };
};

export const digitWriter = (command?: string) => (context: HeadContext) => {
  context.settings({ version: 1 });
  const embedding = context.variable('embedding', [SYMBOLS, context.width], { normal: 0.3 });
  const scores = context.variable('scores', [context.width, SYMBOLS], 'glorotNormal');
  return {
    target: {
      shape: [LONGEST + 1],
      lengths: [4, LONGEST + 1],
      dtype: 'int32' as const,
      prepare: (digits: readonly number[]) => Int32Array.from([...digits, END]),
    },
    metrics: [exactMatch()],
    writes: {
      end: END,
      ...(command === undefined ? {} : { command }),
      embed: (symbols: tf.Tensor2D) => tf.gather<tf.Tensor>(embedding, symbols) as tf.Tensor3D,
    },
    forward: (tokens: tf.Tensor3D) => {
      const [batch, positions] = tokens.shape;
      const rows = tokens.reshape([batch * positions, context.width]) as tf.Tensor2D;
      return tf.matMul(rows, scores as tf.Tensor2D).reshape([batch, positions, SYMBOLS]);
    },
    loss: (output: unknown, target: tf.Tensor) => sequenceCrossEntropy()(output as tf.Tensor3D, target as tf.Tensor2D),
    decode: (symbols: unknown) => [...(symbols as Float32Array)],
  };
};

const random = new RandomStream(3, 'digits');
/** Sequences of one to six digits; every tenth has no label. */
export const inputs: readonly (readonly number[])[] = Array.from({ length: 1200 }, () =>
  Array.from({ length: 1 + Math.floor(random.uniform() * LONGEST) }, () => 1 + Math.floor(random.uniform() * DIGITS)),
);
export const backwards = (digits: readonly number[]) => [...digits].reverse();
export const sorted = (digits: readonly number[]) => [...digits].sort();
const labelled = (change: (digits: readonly number[]) => number[]) =>
  inputs.map((digits, i) => (i % 10 === 9 ? undefined : change(digits)));

const source = arraySource({
  inputs: inputs as never,
  targets: { backwards: labelled(backwards), sorted: labelled(sorted) } as never,
  validation: 0.2,
});
type Digits = readonly number[];
const writerTask = (name: 'backwards' | 'sorted') =>
  defineTask<typeof name, Digits, Digits, number[]>({
    name,
    stem: digitStem,
    head: digitWriter() as never,
    source: source as never,
    target: name,
  });
export const reversing = writerTask('backwards');
export const sorting = writerTask('sorted');
