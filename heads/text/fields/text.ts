import type { InputField, Kind } from 'banyan-ml/plugin';
import { count, notNegative } from 'banyan-ml/plugin';
import { MISSING, optional } from '../../optional.ts';
import { unmixedTokenStem } from '../stems/token.ts';
import { withMixup } from '../stems/with-mixup.ts';
import { restoreVocabulary } from '../tokenizer/restore.ts';
import type { VocabularyData } from '../vocabulary.ts';
import { READING_OPTIONS, type ReadingOptions } from './reading-options.ts';
import { learnTokens, type TokenOptions, textIn, textOptionsOf } from './tokens.ts';

interface TextOptions extends TokenOptions, ReadingOptions {
  readonly length?: number;
  readonly mixup: number;
}

const LENGTHS = { words: 64, pairs: 128, bytes: 256 };

/** Texts, token by token. */
export const textInput: Kind<InputField, TextOptions> = {
  kind: 'text',
  about:
    'A text, read word by word, where words that training rows lack are read by their letters; or byte by byte, or by byte pairs. A missing one is learned.',
  options: textOptionsOf('text', {
    length: count
      .optional()
      .describe('so many tokens are read, the rest is cut off; default 64 words, 128 byte pairs, 256 bytes'),
    ...READING_OPTIONS,
    mixup: notNegative
      .default(0)
      .describe('how much texts are mixed in training: shares are drawn from Beta(α, α); 0: not at all'),
  }),
  build: ({ tokens, minimumCount, vocabulary, length = LENGTHS[tokens], pieces, mixup, ...dropping }): InputField => ({
    fits: ({ cells }) => {
      if (!cells.every((cell) => typeof cell === 'string')) return undefined;
      const spaced = cells.filter((cell) => /\p{L}.*\s.*\p{L}/su.test(cell as string)).length;
      return { weight: spaced >= cells.length / 2 ? 0.7 : 0.3, because: 'texts' };
    },
    learn: () => learnTokens({ tokens, minimumCount, vocabulary }),
    read: ([cell = null], place) => (cell === null ? MISSING : textIn(cell, place)),
    stem: (_, facts) => {
      const stem = unmixedTokenStem({
        ...dropping,
        length,
        pieces: tokens === 'words' ? (pieces ?? 16_384) : 0,
        vocabulary: () => restoreVocabulary(facts as VocabularyData),
      });
      return withMixup(optional(stem, ''), mixup);
    },
  }),
};
