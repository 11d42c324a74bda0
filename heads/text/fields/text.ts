import type { InputField, Kind } from 'banyan-ml/plugin';
import { count, optionsOf, rate, wholeNumber } from 'banyan-ml/plugin';
import { tokenStem } from '../stems/token.ts';
import { tokenize, vocabularyOf } from '../vocabulary.ts';
import { learnWords, textIn } from './learn-words.ts';

interface TextOptions {
  readonly length: number;
  readonly minimumCount: number;
  readonly pieces: number;
  readonly dropout: number;
  readonly wordDropout: number;
}

/** Texts, word by word. */
export const textInput: Kind<InputField, TextOptions> = {
  kind: 'text',
  about: 'A text, read word by word; words that training rows lack are read by their letters.',
  options: optionsOf('text', {
    length: count.default(64).describe('so many words are read; the rest is cut off'),
    minimumCount: count.default(2).describe('times that a word has to stand in training rows to be one of its own'),
    pieces: wholeNumber(0)
      .default(16_384)
      .describe('vectors that pieces of words and pairs of words share, 0 for words alone'),
    dropout: rate.default(0.1).describe('rate of dropout on the tokens'),
    wordDropout: rate.default(0.05).describe('part of the words that training takes for unknown'),
  }),
  build: ({ minimumCount, ...options }): InputField => ({
    fits: ({ cells }) => {
      if (!cells.every((cell) => typeof cell === 'string')) return undefined;
      const spaced = cells.filter((cell) => /\p{L}.*\s.*\p{L}/su.test(cell as string)).length;
      return { weight: spaced >= cells.length / 2 ? 0.7 : 0.3, because: 'texts' };
    },
    learn: () => learnWords(minimumCount, (cell, place) => tokenize(textIn(cell, place))),
    // A text that is missing has no word, which the stem reads as one that is unknown.
    read: ([cell = null], place) => (cell === null ? '' : textIn(cell, place)),
    stem: (_, facts) => tokenStem({ ...options, vocabulary: () => vocabularyOf(facts as readonly string[]) }),
  }),
};
