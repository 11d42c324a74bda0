import { restoreVocabulary } from '../tokenizer/restore.ts';
import type { VocabularyData } from '../vocabulary.ts';

/** A text that was written. */
export interface Written {
  /** The words with a space between them; of a vocabulary of byte pairs, what the bytes spell. */
  readonly text: string;
  readonly words: readonly string[];
}

/** Settings of `writer` by which symbols become a text. */
export interface TextSettings {
  readonly vocabulary: VocabularyData;
}

/** Makes what spells the symbols that were written. */
export function decodeText({ vocabulary }: TextSettings): (symbols: ArrayLike<number>) => Written {
  const { decode, wordsIn } = restoreVocabulary(vocabulary);
  return (symbols) => ({ text: decode(symbols), words: wordsIn(symbols) });
}
