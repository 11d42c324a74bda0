import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs';
import { BanyanError, type Call, type Display, type MaskedTokens, type StemContext, type StemFactory } from 'banyan-ml';
import { dropout, type PositionCode, positionCode } from 'banyan-ml/layers';
import { NO_PIECES, PIECES, pieceIds } from '../pieces.ts';
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
  /**
   * Vectors that pieces of the text share by their hashes: runs of three to five characters of each word, by which words are
   * read that the vocabulary lacks, and pairs of neighbouring words. Default 0: words alone.
   */
  readonly pieces?: number;
  /** How tokens are told where they are: see `positionCode`. Default `learned`. */
  readonly positions?: PositionCode;
}

/**
 * A sentence's words, each as a learned vector plus its position: ids `[batch, words]` to `[batch, words, width]` with
 * a mask. With pieces, each word's vector is a sum of its own, its pair's and its characters' (Bojanowski et al. 2017), of ids
 * `[batch, words, 1 + 24]`. A batch is as long as its longest sentence, rounded up to a quarter of `length`. A sentence without
 * a word is read as one unknown word.
 * @throws BanyanError `argument` for an unusable length or rate.
 */
export function tokenStem(options: TokenStemOptions): StemFactory<string> {
  const { vocabulary, length, dropout: rate = 0, wordDropout = 0, pieces = 0, positions = 'learned' } = options;
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
  if (!(Number.isSafeInteger(pieces) && pieces >= 0)) {
    throw new BanyanError(
      'argument',
      `tokenStem: pieces must be a whole number >= 0, received ${pieces}. Correct it, or leave it out.`,
    );
  }
  const quarters = Array.from({ length: BUCKETS }, (_, i) => Math.ceil((length * (i + 1)) / BUCKETS));
  const lengths = [...new Set(quarters)];

  /** Each word's id, then its pieces': `[words, 1 + PIECES]`. */
  const withPieces = (ids: readonly number[], sentence: string) => {
    const parts = pieceIds(tokenize(sentence).slice(0, length), pieces);
    return ids.flatMap((id, i) => [id, ...(parts[i] ?? NO_PIECES)]);
  };

  const stem = (context: StemContext) => {
    // A function is called only where nothing was saved: what it reads need not be there to predict.
    const words =
      typeof vocabulary === 'function'
        ? context.asset('vocabulary', () => [...vocabulary().words])
        : context.settings({ vocabulary: vocabulary.words }).vocabulary;
    const { size, encode } = vocabularyOf(words);
    context.settings({ length, positions, pieces });
    context.settings({ dropout: rate, wordDropout }, { training: true });
    const embedding = context.variable('embedding', [size, context.width], { normal: 0.1 });
    const table = pieces > 0 ? context.variable('pieces', [pieces + 1, context.width], { normal: 0.1 }) : undefined;
    const place = positionCode(context, positions, [length]);
    return {
      modality: 'text',
      inputShape: table === undefined ? [length] : [length, 1 + PIECES],
      lengths,
      prepare: (sentence: string) => {
        const ids = encode(sentence).slice(0, length);
        if (ids.length === 0) ids.push(UNKNOWN);
        return Int32Array.from(table === undefined ? ids : withPieces(ids, sentence));
      },
      forward: (batch: tf.Tensor, call: Call): MaskedTokens => {
        const first = table === undefined ? batch : batch.slice([0, 0, 0], [-1, -1, 1]).squeeze([2]); // [batch, words]
        const words = first.greater(PADDING); // [batch, words]
        let ids = first; // [batch, words]
        let kept: tf.Tensor | undefined; // [batch, words, 1]
        if (call.training && wordDropout > 0) {
          const dropped = context.random.uniform(first.shape).less(wordDropout).logicalAnd(words);
          ids = tf.where(dropped, tf.scalar(UNKNOWN, 'int32'), first);
          kept = dropped.logicalNot().expandDims(2); // [batch, words, 1]
        }
        let vectors: tf.Tensor3D = tf.gather<tf.Tensor>(embedding, ids as tf.Tensor2D) as tf.Tensor3D; // [batch, words, width]
        if (table !== undefined) vectors = vectors.add(ofPieces(table, batch.slice([0, 0, 1]), kept));
        const tokens = dropout(place(vectors), rate, context.random, call); // [batch, words, width]
        return { tokens, mask: words.cast('float32') as tf.Tensor2D };
      },
      // What is tried first on texts: TF-IDF of words and of pairs of neighbours.
      baseline: (sentence: string) => {
        const words = tokenize(sentence);
        return [...words, ...words.slice(1).map((word, i) => `${words[i]} ${word}`)];
      },
      readFile: readSentence,
      display: (sentence: string): Display => [{ kind: 'words', text: sentence }],
    };
  };
  return Object.assign(stem, { modality: 'text' });
}

/**
 * Of each word the vector of its pair plus the sum of its runs' over the root of their number, so that it begins as large as a
 * word's own: `[batch, words, width]`.
 */
function ofPieces(table: tf.Variable, ids: tf.Tensor, kept?: tf.Tensor): tf.Tensor3D {
  const [batch, words] = ids.shape as [number, number];
  let there = ids.greater(PADDING).cast('float32'); // [batch, words, pieces]
  if (kept !== undefined) there = there.mul(kept);
  const [pair, runs] = tf.split(there, [1, PIECES - 1], 2) as [tf.Tensor, tf.Tensor]; // [batch, words, …]
  const weights = tf.concat([pair, runs.div(runs.sum(2, true).maximum(1).sqrt())], 2); // [batch, words, pieces]
  const vectors = tf.gather(table, ids as tf.Tensor3D); // [batch, words, pieces, width]
  // As a product, since a weighted sum would write all vectors once more, and twice in the gradient.
  const rows = weights.reshape([batch * words, 1, PIECES]) as tf.Tensor3D; // [batch * words, 1, pieces]
  const columns = vectors.reshape([batch * words, PIECES, -1]) as tf.Tensor3D; // [batch * words, pieces, width]
  return tf.matMul(rows, columns).reshape([batch, words, -1]); // [batch, words, width]
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
