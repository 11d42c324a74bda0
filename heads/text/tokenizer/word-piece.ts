import { BanyanError } from 'banyan-ml';
import { bertWords } from './bert-words.ts';

/** What a vocabulary of word pieces is made of: it is kept with a network as it stands. */
export type WordPieceData = {
  readonly kind: 'word-piece';
  /** The pieces in the order of their numbers; those that go on a word begin with "##". */
  readonly pieces: readonly string[];
  /** Whether texts are read in lower case and without accents. */
  readonly lowercase: boolean;
};

/** A vocabulary of word pieces cuts texts as BERT's does. */
export interface WordPieces {
  readonly data: WordPieceData;
  /** The number of pieces. */
  readonly size: number;
  /** Gives the numbers of a text's pieces, from 0, without those that stand around a text. */
  encode(text: string): number[];
  /** The numbers of the pieces that stand before a text, and after each. */
  readonly marks: { readonly first: number; readonly end: number };
}

/** A longer word is unknown as a whole. */
const MOST_LETTERS = 100;
const UNKNOWN = '[UNK]';
const FIRST = '[CLS]';
const END = '[SEP]';

/**
 * Makes the vocabulary of a list of pieces (Wu et al. 2016, section 4.1): the longest piece that a word begins with, then the longest that
 * goes on, and so on; a word that cannot be cut so is `[UNK]`.
 * @throws BanyanError `data` for a list that lacks `[UNK]`, `[CLS]` or `[SEP]`, or has a piece twice.
 */
export function wordPieces(data: WordPieceData): WordPieces {
  const { pieces, lowercase } = data;
  const numbers = new Map(pieces.map((piece, i) => [piece, i]));
  const numberOf = (mark: string): number => {
    const number = numbers.get(mark);
    if (number !== undefined) return number;
    throw new BanyanError(
      'data',
      `A vocabulary of word pieces needs ${UNKNOWN}, ${FIRST} and ${END}, and this one of ${pieces.length} pieces has no ${mark}. Give the vocab.txt that the weights came with.`,
    );
  };
  if (numbers.size < pieces.length) {
    const twice = pieces.find((piece, i) => numbers.get(piece) !== i);
    throw new BanyanError(
      'data',
      `A vocabulary of word pieces has each once, and this one has "${twice}" twice. Give the vocab.txt that the weights came with.`,
    );
  }
  const unknown = numberOf(UNKNOWN);
  const cut = (word: string): readonly number[] => {
    const letters = Array.from(word);
    if (letters.length > MOST_LETTERS) return [unknown];
    const found: number[] = [];
    for (let from = 0; from < letters.length; ) {
      let to = letters.length;
      const piece = () => numbers.get(`${from > 0 ? '##' : ''}${letters.slice(from, to).join('')}`);
      while (to > from && piece() === undefined) to--;
      if (to === from) return [unknown];
      found.push(piece()!);
      from = to;
    }
    return found;
  };
  return {
    data,
    size: pieces.length,
    encode: (text) => bertWords(text, lowercase).flatMap(cut),
    marks: { first: numberOf(FIRST), end: numberOf(END) },
  };
}
