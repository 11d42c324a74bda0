import { BanyanError } from 'banyan-ml';
import type { BytePairData } from './tokenizer/data.ts';

/** This id stands after a sentence's end. */
export const PADDING = 0;
/** A word that the vocabulary lacks has this id. */
export const UNKNOWN = 1;
/** The first word has this id. */
export const FIRST = 2;

/** What is kept of a vocabulary, with a network: its words, or its runs of bytes and how they are merged. */
export type VocabularyData = readonly string[] | BytePairData;

/** A vocabulary gives words, or runs of bytes, numbers. */
export interface Vocabulary {
  /** The number of ids: the words, padding and unknown. */
  readonly size: number;
  /** Words are sorted; word i, or run of bytes i, has id i + 2. */
  readonly words: readonly string[];
  /** The vocabulary is made again from this. */
  readonly data: VocabularyData;
  /** Gives the ids of a sentence's words, of any number, 0 too. */
  encode(sentence: string): number[];
  /** Gives the text of ids: words with a space between them, "?" for an unknown one; or what the bytes spell. */
  decode(ids: ArrayLike<number>): string;
  /** Gives the words of the text of ids. */
  wordsIn(ids: ArrayLike<number>): readonly string[];
  /** Gives a text as `decode` writes it where no word is unknown. */
  canonical(text: string): string;
}

// Soft hyphens, zero-width spaces and joiners, marks of direction, variation selectors.
const INVISIBLE = /\p{Default_Ignorable_Code_Point}+/gu;
// Scripts that put no space between words.
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
// By dictionaries that are the same for all languages; one is named so that none is taken from the machine.
const SEGMENTER = new Intl.Segmenter('en', { granularity: 'word' });

/**
 * Splits a sentence into its words in lower case: runs of letters of any alphabet, and every other character that is no space, digits
 * too, for itself. Where a script has no spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese), runs are divided into words by
 * `Intl.Segmenter` (Unicode Standard Annex 29), whose dictionaries come with Node. What has no look of its own, such as soft
 * hyphens and zero-width spaces, is left out first, and letters and their accents are composed (NFC).
 */
export function tokenize(sentence: string): string[] {
  const text = sentence.replace(INVISIBLE, '').normalize('NFC').toLowerCase();
  const runs = text.match(/[\p{L}\p{M}]+|\S/gu) ?? [];
  return UNSPACED.test(text) ? runs.flatMap(wordsOf) : runs;
}

const wordsOf = (run: string): string[] =>
  UNSPACED.test(run) ? Array.from(SEGMENTER.segment(run), ({ segment }) => segment) : [run];

export interface WordVocabularyOptions {
  /** Words that occur less often are left out, so that the network learns what an unknown word means. Default 1. */
  readonly minimumCount?: number;
}

/**
 * Makes the vocabulary of these sentences. Give it the training sentences only.
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

/** Makes the vocabulary of a sorted list of words, such as a saved one. */
export function vocabularyOf(words: readonly string[]): Vocabulary {
  const ids = new Map(words.map((word, i) => [word, i + FIRST]));
  const wordsIn = (written: ArrayLike<number>) => Array.from(written, (id) => words[id - FIRST] ?? '?');
  return {
    size: words.length + FIRST,
    words,
    data: words,
    encode: (sentence) => tokenize(sentence).map((word) => ids.get(word) ?? UNKNOWN),
    decode: (written) => wordsIn(written).join(' '),
    wordsIn,
    canonical: (text) => tokenize(text).join(' '),
  };
}
