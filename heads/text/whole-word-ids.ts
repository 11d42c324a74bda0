import { BanyanError } from 'banyan-ml';
import { FIRST, UNKNOWN } from './vocabulary.ts';
import { withPieces } from './word-ids.ts';

/** The words of a text, or the text itself, whose words are what stands between spaces. */
export type Words = string | readonly string[];

/** Splits a text between spaces; a list of words is left as it is. */
export const wordsOf = (words: Words): readonly string[] =>
  typeof words === 'string' ? (words.match(/\S+/gu) ?? []) : words;

/** A word looks the same, however it was written. */
export const normal = (word: string): string => word.normalize('NFC').toLowerCase();

/** Settings of `wordsStem` by which texts become ids. */
export interface WholeWordIdsSettings {
  readonly vocabulary: readonly string[];
  readonly length: number;
  readonly pieces: number;
}

/** Makes what gives the ids of whole words, of each with those of its pieces: see `wordIds`. */
export function wholeWordIds(
  { vocabulary, length, pieces }: WholeWordIdsSettings,
  task: string,
): (raw: Words) => Int32Array {
  const ids = new Map(vocabulary.map((word, i) => [word, i + FIRST]));
  return (raw) => {
    if (typeof raw !== 'string' && !(Array.isArray(raw) && raw.every((word) => typeof word === 'string'))) {
      throw new BanyanError(
        'data',
        `Task "${task}": expected a list of words, or a text, received ${JSON.stringify(raw)}. Correct the source's inputs.`,
      );
    }
    const words = wordsOf(raw).slice(0, length).map(normal);
    const numbers = words.map((word) => ids.get(word) ?? UNKNOWN);
    // A text without a word is one unknown word.
    if (numbers.length === 0) numbers.push(UNKNOWN);
    return Int32Array.from(pieces === 0 ? numbers : withPieces(numbers, words, pieces));
  };
}
