import * as tf from '@tensorflow/tfjs';
import { BanyanError, type Stem, type StemContext, type StemFactory } from 'banyan-ml';
import { dropout, type PositionCode, positionCode } from 'banyan-ml/layers';
import { check, count, notNegative, rate, wholeNumber } from 'banyan-ml/plugin';
import { lengthsUpTo } from '../../lengths.ts';
import { type ChangedWords, dropWords } from '../augment/word-dropout.ts';
import { switchWords } from '../augment/word-noise.ts';
import { PIECES } from '../pieces.ts';
import { readSentence } from '../read-sentence.ts';
import { restoreVocabulary } from '../tokenizer/restore.ts';
import { PADDING, tokenize, type Vocabulary, type VocabularyData } from '../vocabulary.ts';
import { wordIds } from '../word-ids.ts';
import { withMixup } from './with-mixup.ts';

export interface TokenStemOptions {
  /** The vocabulary, or a function that makes it: it is called when a new network is built; a loaded network has its own. */
  readonly vocabulary: Vocabulary | (() => Vocabulary);
  /** So many words, or runs of bytes, of a sentence are read; what follows is cut off. */
  readonly length: number;
  /** The rate of dropout on the tokens. Default 0. */
  readonly dropout?: number;
  /** This part of the words is taken for unknown in training (Iyyer et al. 2015, section 3). Default 0. */
  readonly wordDropout?: number;
  /**
   * In the place of this part of the words, or runs of bytes, training reads others of the vocabulary, all equally likely (Wang et al. 2018,
   * "SwitchOut"). Default 0.
   */
  readonly wordNoise?: number;
  /**
   * The tokens of each text are mixed with those of another one in training, and their labels likewise, by a share from Beta(α, α) with this α
   * (mixup: Zhang et al. 2018; of texts: Guo et al. 2019). Default 0: they are not.
   */
  readonly mixup?: number;
  /**
   * So many vectors are shared by pieces of the text, by their hashes: runs of three to five characters of each word, by which words are
   * read that the vocabulary lacks, and pairs of neighbouring words. Default 0: words alone.
   */
  readonly pieces?: number;
  /** Tokens are told in this way where they are: see `positionCode`. Default `learned`. */
  readonly positions?: PositionCode;
}

/**
 * Makes the stem that reads a sentence's words, each as a learned vector plus its position: ids `[batch, words]` become
 * `[batch, words, width]` with a mask. With pieces, each word's vector is a sum of its own, its pair's and its characters' (Bojanowski et al. 2017), of ids
 * `[batch, words, 1 + 24]`. A batch is as long as its longest sentence, rounded up to a quarter of `length`. A sentence without
 * a word is read as one unknown word.
 * @throws BanyanError `argument` for an unusable length or rate.
 */
export function tokenStem({ mixup = 0, ...options }: TokenStemOptions): StemFactory<string> {
  check('tokenStem', { mixup }, notNegative);
  return withMixup(unmixedTokenStem(options), mixup);
}

/** Makes the stem that `tokenStem` makes without mixup. */
export function unmixedTokenStem(options: Omit<TokenStemOptions, 'mixup'>): StemFactory<string> {
  const { vocabulary, length, dropout: dropoutRate = 0, pieces = 0, positions = 'learned' } = options;
  const { wordDropout = 0, wordNoise = 0 } = options;
  check('tokenStem', { length }, count);
  check('tokenStem', { dropout: dropoutRate, wordDropout, wordNoise }, rate);
  check('tokenStem', { pieces }, wholeNumber(0));
  const lengths = lengthsUpTo(length);

  const stem = (context: StemContext): Stem<string> => {
    // A function is called only where nothing was saved: what it reads need not be there to predict.
    const data: VocabularyData =
      typeof vocabulary === 'function'
        ? context.asset('vocabulary', () => vocabulary().data)
        : context.settings({ vocabulary: vocabulary.data }).vocabulary;
    const { size, encode, decode } = restoreVocabulary(data);
    if (pieces > 0 && 'kind' in data) {
      throw new BanyanError(
        'argument',
        `tokenStem: pieces are of words, expected none beside a vocabulary of byte pairs, received ${pieces}. Leave pieces out.`,
      );
    }
    context.settings({ length, positions, pieces });
    context.settings({ dropout: dropoutRate, wordDropout, wordNoise }, { training: true });
    const embedding = context.variable('embedding', [size, context.width], { normal: 0.1 });
    const table = pieces > 0 ? context.variable('pieces', [pieces + 1, context.width], { normal: 0.1 }) : undefined;
    const place = positionCode(context, positions, [length]);
    return {
      modality: 'text',
      inputShape: table === undefined ? [length] : [length, 1 + PIECES],
      dtypes: ['int32'],
      preparation: { kind: 'kind' in data ? 'byte-pairs' : 'words' },
      lengths,
      prepare: wordIds({ vocabulary: data, length, pieces }),
      forward: (batch, call) => {
        const first = table === undefined ? batch : batch.slice([0, 0, 0], [-1, -1, 1]).squeeze([2]); // [batch, words]
        const words = first.greater(PADDING); // [batch, words]
        let ids = first; // [batch, words]
        let unmasked: tf.Tensor | undefined; // [batch, words, 1]
        const take = ({ ids: others, changed }: ChangedWords) => {
          const kept = changed.logicalNot().expandDims(2); // [batch, words, 1]
          ids = others;
          unmasked = unmasked === undefined ? kept : unmasked.logicalAnd(kept);
        };
        if (call.training && wordDropout > 0) take(dropWords(ids, wordDropout, context.random));
        if (call.training && wordNoise > 0) take(switchWords(ids, wordNoise, size, context.random));
        let vectors = tf.gather<tf.Tensor>(embedding, ids) as tf.Tensor3D; // [batch, words, width]
        if (table !== undefined) vectors = vectors.add(ofPieces(table, batch.slice([0, 0, 1]), unmasked));
        if (call.looks !== undefined) vectors = call.looks(vectors, 1);
        const tokens = dropout(place(vectors), dropoutRate, context.random, call); // [batch, words, width]
        return { tokens, mask: words.cast('float32') as tf.Tensor2D };
      },
      // What is tried first on texts: TF-IDF of words and of pairs of neighbours.
      baseline: (sentence) => {
        const words = tokenize(sentence);
        return [...words, ...words.slice(1).map((word, i) => `${words[i]} ${word}`)];
      },
      readFile: readSentence,
      display: (sentence) => [{ kind: 'words', text: sentence }],
      places: (sentence) => {
        // A word that the vocabulary lacks is shown as it was written.
        const words = 'kind' in data ? encode(sentence).map((id) => decode([id])) : tokenize(sentence);
        return { kind: 'words', words: words.length === 0 ? ['?'] : words.slice(0, length) };
      },
    };
  };
  return Object.assign(stem, { modality: 'text' });
}

/**
 * Adds for each word the vector of its pair and the sum of its runs' over the root of their number, so that it begins as large as a
 * word's own: `[batch, words, width]`.
 */
function ofPieces(table: tf.Variable, ids: tf.Tensor, unmasked?: tf.Tensor): tf.Tensor3D {
  const [batch, words] = ids.shape as [number, number];
  let there = ids.greater(PADDING).cast('float32'); // [batch, words, pieces]
  if (unmasked !== undefined) there = there.mul(unmasked);
  const [pair, runs] = tf.split(there, [1, PIECES - 1], 2) as [tf.Tensor, tf.Tensor]; // [batch, words, …]
  const weights = tf.concat([pair, runs.div(runs.sum(2, true).maximum(1).sqrt())], 2); // [batch, words, pieces]
  const vectors = tf.gather(table, ids as tf.Tensor3D); // [batch, words, pieces, width]
  // As a product, since a weighted sum would write all vectors once more, and twice in the gradient.
  const rows = weights.reshape([batch * words, 1, PIECES]) as tf.Tensor3D; // [batch * words, 1, pieces]
  const columns = vectors.reshape([batch * words, PIECES, -1]) as tf.Tensor3D; // [batch * words, pieces, width]
  return tf.matMul(rows, columns).reshape([batch, words, -1]); // [batch, words, width]
}
