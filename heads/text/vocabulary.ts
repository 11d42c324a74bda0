import { BanyanError } from 'banyan-ml';

/** Id of what stands after a sentence's end. */
export const PADDING = 0;
/** Id of a word that the vocabulary lacks. */
export const UNKNOWN = 1;
const FIRST = 2;

/** Words by number. */
export interface Vocabulary {
  /** Number of ids: the words, padding and unknown. */
  readonly size: number;
  /** Sorted; word i has id i + 2. */
  readonly words: readonly string[];
  /** The ids of a sentence's words, of any number, 0 too. */
  encode(sentence: string): number[];
}

/**
 * A sentence's words in lower case: runs of letters of any alphabet, and every other character that is no space, digits
 * too, for itself.
 */
export function tokenize(sentence: string): string[] {
  return (
    sentence
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{M}]+|\S/gu) ?? []
  );
}

export interface WordVocabularyOptions {
  /** Words that occur less often are left out, so that the network learns what an unknown word means. Default 1. */
  readonly minimumCount?: number;
}

/**
 * The vocabulary of these sentences. Give it the training sentences only.
 * @throws BanyanError `data` for sentences without any word that occurs often enough.
 */
export function wordVocabulary(sentences: Iterable<string>, options: WordVocabularyOptions = {}): Vocabulary {
  const { minimumCount = 1 } = options;
  const counts = new Map<string, number>();
  for (const sentence of sentences) {
    for (const word of tokenize(sentence)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const words = [...counts].filter(([, count]) => count >= minimumCount).map(([word]) => word);
  if (words.length === 0) {
    throw new BanyanError(
      'data',
      `wordVocabulary: expected a word that occurs at least ${minimumCount} times, received ${counts.size} words and none so often. Give more sentences, or a lower minimumCount.`,
    );
  }
  // By code unit, not by locale: the same ids on every machine.
  return vocabularyOf(words.sort((a, b) => (a < b ? -1 : 1)));
}

/** The vocabulary of a sorted list of words, such as a saved one. */
export function vocabularyOf(words: readonly string[]): Vocabulary {
  const ids = new Map(words.map((word, i) => [word, i + FIRST]));
  return {
    size: words.length + FIRST,
    words,
    encode: (sentence) => tokenize(sentence).map((word) => ids.get(word) ?? UNKNOWN),
  };
}
