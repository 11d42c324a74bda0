import * as tf from '@tensorflow/tfjs';
import type { Stem, StemContext, StemFactory } from 'banyan-ml';
import { dropout, layerNorm, positionCode } from 'banyan-ml/layers';
import { check, rate, wholeNumber } from 'banyan-ml/plugin';
import { lengthsUpTo } from '../../lengths.ts';
import { readSentence } from '../read-sentence.ts';
import { type WordPieces, wordPieces } from '../tokenizer/word-piece.ts';
import { type TextOrPair, textsOf, wordPieceIds } from '../word-piece-ids.ts';

export interface WordPieceStemOptions {
  /** The vocabulary, or a function that makes it: it is called when a new network is built; a loaded network has its own. */
  readonly vocabulary: WordPieces | (() => WordPieces);
  /** So many pieces are read, with the marks around them; at least 3. What follows is cut off, of a pair from the longer text. */
  readonly length: number;
  /** The rate of dropout on the tokens. Default 0. */
  readonly dropout?: number;
}

const EPSILON = 1e-12;
/** Of a piece: its number, counted from 1 so that 0 is padding, and which of two texts it is in. */
const NUMBERS = 2;

/**
 * Makes the stem that reads a text, or a pair of texts, as BERT does (Devlin et al. 2019, section 3): `[CLS]` first, `[SEP]` after each
 * text, and of each piece the sum of its vector, its position's and its text's, normalised. `[batch, pieces, 2]` becomes
 * `[batch, pieces, width]` with a mask; a head that pools by `first` reads the token of `[CLS]`.
 * @throws BanyanError `argument` for an unusable length or rate.
 */
export function wordPieceStem(options: WordPieceStemOptions): StemFactory<TextOrPair> {
  const { vocabulary, length, dropout: dropoutRate = 0 } = options;
  check('wordPieceStem', { length }, wholeNumber(3));
  check('wordPieceStem', { dropout: dropoutRate }, rate);

  const stem = (context: StemContext): Stem<TextOrPair> => {
    const data = context.asset('vocabulary', () => (typeof vocabulary === 'function' ? vocabulary() : vocabulary).data);
    const { size } = wordPieces(data);
    context.settings({ length });
    context.settings({ dropout: dropoutRate }, { training: true });
    const embedding = context.variable('embedding', [size, context.width], { normal: 0.02 });
    const types = context.variable('types', [2, context.width], { normal: 0.02 }, { decay: false });
    const place = positionCode(context, 'learned', [length]);
    const norm = layerNorm(context, 'norm', context.width, { epsilon: EPSILON });
    const prepare = wordPieceIds({ vocabulary: data, length });
    return {
      modality: 'text',
      inputShape: [length, NUMBERS],
      dtypes: ['int32'],
      preparation: { kind: 'word-pieces' },
      lengths: lengthsUpTo(length),
      prepare,
      forward: (batch, call) => {
        const [numbers, segments] = tf.split(batch, NUMBERS, 2).map((part) => part.squeeze([2])) as [
          tf.Tensor,
          tf.Tensor,
        ]; // [batch, pieces]
        const there = numbers.greater(0); // [batch, pieces]
        const own = tf.gather<tf.Tensor>(embedding, numbers.sub(1).maximum(0).cast('int32')) as tf.Tensor3D; // [batch, pieces, width]
        const vectors = call.looks?.(own, 1) ?? own; // [batch, pieces, width]
        const typed = vectors.add(tf.gather<tf.Tensor>(types, segments.cast('int32'))) as tf.Tensor3D; // [batch, pieces, width]
        const tokens = dropout(norm(place(typed)), dropoutRate, context.random, call); // [batch, pieces, width]
        return { tokens, mask: there.cast('float32') as tf.Tensor2D };
      },
      readFile: readSentence,
      display: (raw) => [{ kind: 'words', text: textsOf(raw).join(' ') }],
      places: (raw) => {
        const numbers = prepare(raw).filter((_, i) => i % NUMBERS === 0);
        return { kind: 'words', words: Array.from(numbers, (number) => data.pieces[number - 1]!) };
      },
    };
  };
  return Object.assign(stem, { modality: 'text' });
}
