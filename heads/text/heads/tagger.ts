import * as tf from '@tensorflow/tfjs';
import { accuracy, BanyanError, crossEntropy, type HeadFactory, type Metric, spanF1 } from 'banyan-ml';
import { linear } from 'banyan-ml/layers';
import { check, count, rate } from 'banyan-ml/plugin';
import { decodeLabels, type Labelled, labelsIn } from '../decodings/labels.ts';
import { marksSpans } from '../spans.ts';

export type { Labelled };

/** So many lengths may a batch of targets have. */
const BUCKETS = 4;
/** What fills a target up to the length of its batch; labels are numbered from 1. */
const PADDING = 0;
const OUTSIDE = 'O';

export interface TaggerOptions {
  /** The names of the labels, such as `O`, `B-city` and `I-city` where they mark spans. */
  readonly labels: readonly string[];
  /** So many words of a text are labelled, as many as its stem reads. */
  readonly length: number;
  /** See `crossEntropy`. Default 0. */
  readonly labelSmoothing?: number;
}

/** What `forward` gives: logits `[batch, positions, labels]`, and which of the positions are words, `[batch, positions]`. */
export type TaggerOutput = { readonly scores: tf.Tensor3D; readonly words: tf.Tensor2D };

/**
 * Makes the head that gives each word of a text a label, such as its part of speech, or the span that it lies in: a linear layer on each token,
 * for a stem that makes one token of each word (`wordsStem`) and a trunk that looks at the neighbours. Its loss is the
 * cross-entropy, in the mean over the words of a text. Where the labels mark spans, those that are predicted always have a beginning, and the
 * F1 of spans is a metric; the share of words that are labelled right always is. A target is a list of labels, one for each word; words
 * that the stem cut off are predicted as `O`, or as the first label. A text with another number of labels than words has the loss NaN, so that
 * training refuses the update.
 * @throws BanyanError `argument` for an option that is wrong; `data`, when a target is prepared, for a label that there is not.
 */
export function tagger(options: TaggerOptions): HeadFactory<readonly string[], Labelled, TaggerOutput> {
  const { labels, length, labelSmoothing = 0 } = options;
  const ids = new Map(labels.map((label, i) => [label, i]));
  if (labels.length < 2 || ids.size < labels.length) {
    throw new BanyanError(
      'argument',
      `tagger: expected at least two labels, each of them once, received [${labels.join(', ')}]. Correct "labels".`,
    );
  }
  check('tagger', { length }, count);
  check('tagger', { labelSmoothing }, rate);
  const lossOf = crossEntropy({ labelSmoothing });
  const filler = ids.has(OUTSIDE) ? OUTSIDE : labels[0]!;
  const spans = marksSpans(labels);

  return (context) => {
    context.settings({ labels: [...labels], length });
    context.settings({ labelSmoothing }, { training: true });
    const scores = linear(context, 'scores', context.width, labels.length);
    /** A metric sees all words, also those that the stem cut off. */
    const overAll = <Target, Prediction>(
      metric: Metric<Target, Prediction>,
      update: (target: readonly string[], found: readonly string[]) => void,
    ): Metric<readonly string[], Labelled> => ({
      ...metric,
      update: (target, { labels: found }) => {
        const cut = Math.max(0, target.length - length);
        update(target, [...found, ...Array<string>(cut).fill(filler)]);
      },
    });
    const [right, f1] = [accuracy(), spanF1()];
    const byWord = overAll(right, (target, found) => {
      for (const [i, label] of target.entries()) right.update(ids.get(label)!, { class: ids.get(found[i]!) ?? -1 });
    });
    return {
      target: {
        shape: [length],
        dtype: 'int32',
        lengths: [...new Set(Array.from({ length: BUCKETS }, (_, i) => Math.ceil((length * (i + 1)) / BUCKETS)))],
        prepare: (target) => {
          if (!Array.isArray(target) || target.length === 0) {
            throw wrongLabels(context.task, labels, target, 'a list with a label for each word');
          }
          const wrong = target.find((label) => !ids.has(label));
          if (wrong !== undefined || target.includes(undefined)) {
            throw wrongLabels(context.task, labels, wrong, 'labels');
          }
          return Int32Array.from(target.slice(0, length), (label: string) => ids.get(label)! + 1);
        },
      },
      metrics: spans ? [overAll(f1, (target, found) => f1.update(target, found)), byWord] : [byWord],
      initialLoss: Math.log(labels.length),
      forward: (tokens, { mask }) => ({
        scores: scores(tokens), // [batch, positions, labels]
        words: mask ?? tf.ones([tokens.shape[0], tokens.shape[1]]), // [batch, positions]
      }),
      loss: ({ scores: logits, words }, target: tf.Tensor2D) => meanOverWords(lossOf, logits, words, target),
      decoding: { kind: 'labels' },
      decode: decodeLabels({ labels }),
      outcomes: {
        names: [],
        pick: ({ scores: logits }) => logits.reshape([logits.shape[0], -1]),
        found: (output) => {
          const { path } = labelsIn(output, labels);
          const outcomes = path.map((label, i) => ({
            name: labels[label]!,
            place: `word ${i}`,
            terms: [[i * labels.length + label, 1] as const],
          }));
          // A word in a span says more than one outside.
          return {
            outcomes,
            best: Math.max(
              0,
              outcomes.findIndex(({ name }) => name !== filler),
            ),
          };
        },
      },
      explain: ({ labels: found }, target) => ({
        predicted: found.join(' ') || '(no words)',
        ...(target === undefined
          ? {}
          : { expected: target.join(' '), right: target.every((label, i) => label === (found[i] ?? filler)) }),
      }),
    };
  };
}

/** `[batch]`; a batch's targets are as long as its longest one, and its texts as the longest of them, which may lack a label. */
function meanOverWords(
  lossOf: ReturnType<typeof crossEntropy>,
  logits: tf.Tensor3D,
  words: tf.Tensor2D,
  target: tf.Tensor2D,
): tf.Tensor1D {
  const [batch, positions, labels] = logits.shape;
  const length = target.shape[1];
  const fitting =
    length < positions
      ? target.pad([
          [0, 0],
          [0, positions - length],
        ])
      : target.slice([0, 0], [-1, positions]); // [batch, positions]
  const there = fitting.notEqual(PADDING).cast('float32'); // [batch, positions]
  const classes = fitting.sub(1).maximum(tf.scalar(0, 'int32')).cast('int32'); // [batch, positions]
  const losses = lossOf(logits.reshape([batch * positions, labels]), classes.reshape([batch * positions]))
    .reshape([batch, positions])
    .mul(there); // [batch, positions]
  const given = target.notEqual(PADDING).cast('float32').sum(1); // [batch]
  // None for a text without targets, else one for each word.
  const fits = given.equal(0).logicalOr(given.equal(words.sum(1)));
  const refusal = tf.where(fits, tf.scalar(0), tf.scalar(Number.NaN)); // [batch]
  return losses.sum(1).div(given.maximum(1)).add(refusal) as tf.Tensor1D;
}

function wrongLabels(task: string, labels: readonly string[], received: unknown, expected: string): BanyanError {
  return new BanyanError(
    'data',
    `Task "${task}": expected ${expected}, each one of ${labels.join(', ')}, received ${JSON.stringify(received)}. Correct the source's targets, or the tagger's "labels".`,
  );
}
