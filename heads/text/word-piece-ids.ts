import { type WordPieceData, wordPieces } from './tokenizer/word-piece.ts';

/** One text, or two that are compared, such as a question and a passage. */
export type TextOrPair = string | readonly [first: string, second: string];

/** Settings of `wordPieceStem` by which texts become numbers. */
export interface WordPieceIdsSettings {
  readonly vocabulary: WordPieceData;
  readonly length: number;
}

/** Makes what gives the pieces of a text, or of a pair of texts, with the marks around them: of each its number + 1, and which text it is in. */
export function wordPieceIds({ vocabulary, length }: WordPieceIdsSettings): (raw: TextOrPair) => Int32Array {
  const { encode, marks } = wordPieces(vocabulary);
  return (raw) => {
    const texts = textsOf(raw).map(encode);
    cutTo(length - 1 - texts.length, texts);
    const first = [marks.first + 1, 0];
    return Int32Array.from([
      ...first,
      ...texts.flatMap((pieces, type) => [...pieces, marks.end].flatMap((piece) => [piece + 1, type])),
    ]);
  };
}

export const textsOf = (raw: TextOrPair): readonly string[] => (typeof raw === 'string' ? [raw] : raw);

/** Cuts the longer of the texts, piece by piece, until all have so many together. */
function cutTo(most: number, texts: readonly number[][]): void {
  while (texts.reduce((sum, { length }) => sum + length, 0) > most) {
    texts.reduce((longest, text) => (text.length > longest.length ? text : longest)).pop();
  }
}
