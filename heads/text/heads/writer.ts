import * as tf from '@tensorflow/tfjs';
import {
  BanyanError,
  errorRate,
  exactMatch,
  type HeadFactory,
  type Metric,
  type References,
  type Sequence,
  sequenceCrossEntropy,
} from 'banyan-ml';
import { linear } from 'banyan-ml/layers';
import { check, count, rate } from 'banyan-ml/plugin';
import { decodeText, type Written } from '../decodings/text.ts';
import { restoreVocabulary } from '../tokenizer/restore.ts';
import { tokenize, type Vocabulary, type VocabularyData } from '../vocabulary.ts';

export type { Written };

/** A batch of targets may have so many lengths, each half of the next. */
const LENGTHS = 4;

export interface WriterOptions {
  /** The words, or runs of bytes, that can be written; or a function that makes them, called when a new network is built: a loaded one has its own. */
  readonly vocabulary: Vocabulary | (() => Vocabulary);
  /** The most words, or runs of bytes, of a text that is written, or learned from. */
  readonly length: number;
  /** See `crossEntropy`. Default 0. */
  readonly labelSmoothing?: number;
  /**
   * Tasks of one command share the vector that begins what they write. Where tasks share the head, a function says the command of a task by its
   * name. Default: the task's name.
   */
  readonly command?: string | ((task: string) => string);
}

/** What is to be written: a text, or any of several, of which the first is learned. */
export type TextTarget = string | { readonly texts: readonly string[] };

/**
 * Writes a text word by word, or run of bytes by run, each by what was read and the words before it (Sutskever et al. 2014, with the trunk's decoder in place of a
 * recurrent one). A target is a text of at most `length` words, or several of which the first is learned and the metrics take the nearest; a
 * word that the vocabulary lacks is learned as unknown, and written "?". Metrics are the word error rate and the share of texts that are
 * right in every word. It needs a trunk with a decoder.
 * @throws BanyanError `argument` for an option that is wrong; `data`, when a target is prepared, for a text that is longer.
 */
export function writer(options: WriterOptions): HeadFactory<TextTarget, Written, tf.Tensor3D> {
  const { vocabulary, length, labelSmoothing = 0, command } = options;
  check('writer', { length }, count);
  check('writer', { labelSmoothing }, rate);
  const loss = sequenceCrossEntropy({ labelSmoothing });

  return (context) => {
    const { width } = context;
    const data: VocabularyData =
      typeof vocabulary === 'function'
        ? context.asset('vocabulary', () => vocabulary().data)
        : context.settings({ vocabulary: vocabulary.data }).vocabulary;
    context.settings({ length });
    context.settings({ labelSmoothing }, { training: true });
    const { size, encode, canonical } = restoreVocabulary(data);
    // After the words: nothing follows it.
    const end = size;
    const embedding = context.variable('embedding', [size + 1, width], { normal: 1 / Math.sqrt(width) });
    const scores = linear(context, 'scores', width, size + 1);
    const positions = length + 1;
    return {
      target: {
        shape: [positions],
        dtype: 'int32',
        lengths: halves(positions),
        prepare: (target) => Int32Array.from([...symbolsOf(textsOf(target)[0], context.task, length, encode), end]),
      },
      metrics: [overWords(errorRate()), overWords(exactMatch())],
      writes: {
        end,
        ...(command === undefined ? {} : { command }),
        // As large as what tells the positions apart.
        embed: (symbols) => tf.gather<tf.Tensor>(embedding, symbols).mul(Math.sqrt(width)) as tf.Tensor3D,
      },
      forward: (tokens) => scores(tokens), // [batch, positions, symbols]
      loss: (output, target) => loss(output, target),
      decoding: { kind: 'text' },
      decode: decodeText({ vocabulary: data }),
      explain: ({ text }, target) => {
        const expected = target === undefined ? [] : textsOf(target).map(canonical);
        const right = expected.includes(text);
        return {
          predicted: text === '' ? '(nothing)' : text,
          ...(expected.length === 0 ? {} : { expected: right ? text : expected[0]!, right }),
        };
      },
    };
  };
}

/** Lists lengths up to the largest, each half of the next: ascending. */
const halves = (largest: number): readonly number[] => [
  ...new Set(Array.from({ length: LENGTHS }, (_, i) => Math.ceil(largest / 2 ** (LENGTHS - 1 - i)))),
];

const textsOf = (target: TextTarget): readonly string[] =>
  typeof target === 'object' && Array.isArray(target?.texts) ? target.texts : [target as string];

/** A metric of words as the vocabulary tells them apart: in lower case, punctuation for itself. */
const overWords = (metric: Metric<References<Sequence>, Sequence>): Metric<TextTarget, Written> => ({
  ...metric,
  update: (target, { words }) => {
    // With one space between the words, since a metric takes several references as texts.
    const [first, ...others] = textsOf(target).map((text) => tokenize(text).join(' '));
    metric.update(others.length === 0 ? first! : { texts: [first!, ...others] }, words);
  },
});

function symbolsOf(text: unknown, task: string, length: number, encode: Vocabulary['encode']): readonly number[] {
  if (typeof text !== 'string') {
    throw new BanyanError(
      'data',
      `Task "${task}": expected a text to write, received ${typeof text === 'object' ? JSON.stringify(text) : String(text)}. Give texts as targets, or undefined where one is missing.`,
    );
  }
  const symbols = encode(text);
  if (symbols.length <= length) return symbols;
  throw new BanyanError(
    'data',
    `Task "${task}": a target has ${symbols.length} words or runs of bytes, expected at most ${length}. Raise the writer's "length", or leave such examples out.`,
  );
}
