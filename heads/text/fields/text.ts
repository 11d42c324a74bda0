import type { InputField, Kind } from 'banyan-ml/plugin';
import { cellFault, count, optionsOf, rate, wholeNumber } from 'banyan-ml/plugin';
import { tokenStem } from '../stems/token.ts';
import { tokenize, vocabularyOf } from '../vocabulary.ts';

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
    learn: () => {
      const counts = new Map<string, number>();
      return {
        see: ([cell = null], place, split) => {
          if (cell === null) return;
          if (typeof cell === 'object')
            throw cellFault(place, 'a text', cell, 'Correct the cell, or take another kind.');
          if (split !== 'training') return;
          for (const word of tokenize(String(cell))) counts.set(word, (counts.get(word) ?? 0) + 1);
        },
        facts: () =>
          [...counts]
            .filter(([, times]) => times >= minimumCount)
            .map(([word]) => word)
            .sort((a, b) => (a < b ? -1 : 1)),
      };
    },
    // A text that is missing has no word, which the stem reads as one that is unknown.
    read: ([cell = null], place) => {
      if (cell !== null && typeof cell === 'object')
        throw cellFault(place, 'a text', cell, 'Correct the cell, or take another kind.');
      return cell === null ? '' : String(cell);
    },
    stem: (_, facts) => tokenStem({ ...options, vocabulary: () => vocabularyOf(facts as readonly string[]) }),
  }),
};
