import { count, type InputField, type Kind, optionsOf, rate, wholeNumber } from 'banyan-ml/plugin';
import { wordsStem } from '../stems/words.ts';
import { vocabularyOf } from '../vocabulary.ts';
import { learnWords } from './learn-words.ts';
import { wordsIn } from './list.ts';

interface WordsOptions {
  readonly length: number;
  readonly minimumCount: number;
  readonly pieces: number;
  readonly dropout: number;
  readonly wordDropout: number;
}

/** The words of a text, one token each. */
export const wordsInput: Kind<InputField, WordsOptions> = {
  kind: 'words',
  about: 'A list of words, or a text with spaces between them: one token a word, for a target of kind `labels`.',
  options: optionsOf('words', {
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
      const lists = cells.every((cell) => Array.isArray(cell) && cell.every((part) => typeof part === 'string'));
      return lists ? { weight: 0.9, because: 'lists of words' } : undefined;
    },
    learn: () =>
      learnWords(minimumCount, (cell, place) =>
        wordsIn(cell, place).map((word) => word.normalize('NFC').toLowerCase()),
      ),
    read: ([cell = null], place) => (cell === null ? [] : wordsIn(cell, place)),
    stem: (_, facts) => wordsStem({ ...options, vocabulary: () => vocabularyOf(facts as readonly string[]) }),
  }),
};
