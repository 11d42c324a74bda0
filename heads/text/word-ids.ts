import { NO_PIECES, pieceIds } from './pieces.ts';
import { restoreVocabulary } from './tokenizer/restore.ts';
import { tokenize, UNKNOWN, type VocabularyData } from './vocabulary.ts';

/** Settings of `tokenStem` by which texts become ids. */
export interface WordIdsSettings {
  readonly vocabulary: VocabularyData;
  readonly length: number;
  readonly pieces: number;
}

/**
 * Makes what gives the ids of a text's words, or runs of bytes: `[words]`, or each with those of its pieces, `[words, 1 + PIECES]`. A text without
 * a word is one unknown word.
 */
export function wordIds({ vocabulary, length, pieces }: WordIdsSettings): (sentence: string) => Int32Array {
  const { encode } = restoreVocabulary(vocabulary);
  return (sentence) => {
    const ids = encode(sentence).slice(0, length);
    if (ids.length === 0) ids.push(UNKNOWN);
    return Int32Array.from(pieces === 0 ? ids : withPieces(ids, tokenize(sentence).slice(0, length), pieces));
  };
}

/** Gives each word's id, then its pieces'. */
export function withPieces(ids: readonly number[], words: readonly string[], pieces: number): readonly number[] {
  const parts = pieceIds(words, pieces);
  return ids.flatMap((id, i) => [id, ...(parts[i] ?? NO_PIECES)]);
}
