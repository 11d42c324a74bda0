import { count, type InputField, type Kind, optionsOf } from 'banyan-ml/plugin';
import { MISSING, optional } from '../../optional.ts';
import { wordsStem } from '../stems/words.ts';
import { vocabularyOf } from '../vocabulary.ts';
import type { Words } from '../whole-word-ids.ts';
import { learnWords } from './learn-words.ts';
import { wordsIn } from './list.ts';
import { READING_OPTIONS, type ReadingOptions } from './reading-options.ts';

interface WordsOptions extends ReadingOptions {
  readonly length: number;
  readonly minimumCount: number;
}

/** The words of a text, one token each. */
export const wordsInput: Kind<InputField, WordsOptions> = {
  kind: 'words',
  about: 'A list of words, or a text with spaces between them: one token a word, for a target of kind `labels`.',
  options: optionsOf('words', {
    length: count.default(64).describe('so many words are read; the rest is cut off'),
    minimumCount: count.default(2).describe('times that a word has to stand in training rows to be one of its own'),
    ...READING_OPTIONS,
  }),
  build: ({ minimumCount, pieces = 16_384, ...options }): InputField => ({
    fits: ({ cells }) => {
      const lists = cells.every((cell) => Array.isArray(cell) && cell.every((part) => typeof part === 'string'));
      return lists ? { weight: 0.9, because: 'lists of words' } : undefined;
    },
    learn: () =>
      learnWords(minimumCount, (cell, place) =>
        wordsIn(cell, place).map((word) => word.normalize('NFC').toLowerCase()),
      ),
    read: ([cell = null], place) => (cell === null ? MISSING : wordsIn(cell, place)),
    stem: (_, facts) =>
      optional<Words>(
        wordsStem({ ...options, pieces, vocabulary: () => vocabularyOf(facts as readonly string[]) }),
        '',
      ),
  }),
};
