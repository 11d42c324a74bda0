import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs';
import {
  BanyanError,
  type Call,
  dropout,
  type Exhibit,
  type MaskedTokens,
  type PositionCode,
  positionCode,
  type StemContext,
  type StemFactory,
} from 'banyan-ml';
import { PADDING, tokenize, UNKNOWN, type Vocabulary, vocabularyOf } from '../vocabulary.ts';

const BUCKETS = 4;

export interface TokenStemOptions {
  /** Or a function that makes it, called when a new network is built; a loaded network has its own. */
  readonly vocabulary: Vocabulary | (() => Vocabulary);
  /** Words of a sentence that are read; what follows is cut off. */
  readonly length: number;
  /** On the tokens. Default 0. */
  readonly dropout?: number;
  /** Part of the words that are taken for unknown in training (Iyyer et al. 2015, section 3). Default 0. */
  readonly wordDropout?: number;
  /** How tokens are told where they are: see `positionCode`. Default `learned`. */
  readonly positions?: PositionCode;
}

/**
 * A sentence's words, each as a learned vector plus its position: ids `[batch, words]` to `[batch, words, width]` with
 * a mask. A batch is as long as its longest sentence, rounded up to a quarter of `length`. A sentence without a word is read
 * as one unknown word.
 * @throws BanyanError `argument` for an unusable length or rate.
 */
export function tokenStem(options: TokenStemOptions): StemFactory<string> {
  const { vocabulary, length, dropout: rate = 0, wordDropout = 0, positions = 'learned' } = options;
  if (!(Number.isInteger(length) && length >= 1)) {
    throw new BanyanError('argument', `tokenStem: length must be a whole number >= 1, received ${length}. Correct it.`);
  }
  for (const [name, value] of Object.entries({ dropout: rate, wordDropout })) {
    if (!(value >= 0 && value < 1)) {
      throw new BanyanError(
        'argument',
        `tokenStem: ${name} must be a number >= 0 and < 1, received ${value}. Correct it.`,
      );
    }
  }
  const quarters = Array.from({ length: BUCKETS }, (_, i) => Math.ceil((length * (i + 1)) / BUCKETS));
  const lengths = [...new Set(quarters)];

  const stem = (context: StemContext) => {
    // A function is called only where nothing was saved: what it reads need not be there to predict.
    const words =
      typeof vocabulary === 'function'
        ? context.asset('vocabulary', () => [...vocabulary().words])
        : context.settings({ vocabulary: vocabulary.words }).vocabulary;
    const { size, encode } = vocabularyOf(words);
    context.settings({ length, positions });
    context.settings({ dropout: rate, wordDropout }, { training: true });
    const embedding = context.variable('embedding', [size, context.width], { normal: 0.1 });
    const place = positionCode(context, positions, [length]);
    return {
      modality: 'text',
      inputShape: [length],
      lengths,
      prepare: (sentence: string) => {
        const ids = encode(sentence).slice(0, length);
        return Int32Array.from(ids.length === 0 ? [UNKNOWN] : ids);
      },
      forward: (batch: tf.Tensor, call: Call): MaskedTokens => {
        const words = batch.greater(PADDING); // [batch, words]
        let ids = batch; // [batch, words]
        if (call.training && wordDropout > 0) {
          const dropped = context.random.uniform(batch.shape).less(wordDropout).logicalAnd(words);
          ids = tf.where(dropped, tf.scalar(UNKNOWN, 'int32'), batch);
        }
        const vectors = tf.gather(embedding, ids as tf.Tensor2D) as tf.Tensor3D; // [batch, words, width]
        const tokens = dropout(place(vectors), rate, context.random, call); // [batch, words, width]
        return { tokens, mask: words.cast('float32') as tf.Tensor2D };
      },
      // What is tried first on texts: TF-IDF of words and of pairs of neighbours.
      baseline: (sentence: string) => {
        const words = tokenize(sentence);
        return [...words, ...words.slice(1).map((word, i) => `${words[i]} ${word}`)];
      },
      readFile: readSentence,
      show: (sentence: string): Exhibit => [{ kind: 'words', text: sentence }],
    };
  };
  return Object.assign(stem, { modality: 'text' });
}

async function readSentence(path: string): Promise<string> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new BanyanError('data', `${path} cannot be read: ${cause.message}. Expected a text file. Correct the path.`, {
      cause,
    });
  });
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new BanyanError('data', `${path}: expected UTF-8 text, received other bytes. Save the file as UTF-8.`);
}
