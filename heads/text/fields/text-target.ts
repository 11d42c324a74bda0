import type { Kind, TargetField } from 'banyan-ml/plugin';
import { count, rate } from 'banyan-ml/plugin';
import { writer } from '../heads/writer.ts';
import { restoreVocabulary } from '../tokenizer/restore.ts';
import type { VocabularyData } from '../vocabulary.ts';
import { learnTokens, type TokenOptions, textIn, textOptionsOf } from './tokens.ts';

interface TextTargetOptions extends TokenOptions {
  readonly length?: number;
  readonly labelSmoothing: number;
}

const LENGTHS = { words: 32, pairs: 64, bytes: 128 };

/** A text that is written token by token. */
export const textTarget: Kind<TargetField, TextTargetOptions> = {
  kind: 'text',
  about: 'A text, written word by word, byte by byte, or by byte pairs; the trunk needs a decoder.',
  options: textOptionsOf('text', {
    length: count.optional().describe('most tokens of a text; default 32 words, 64 byte pairs, 128 bytes'),
    labelSmoothing: rate.default(0).describe('share of the target that is spread evenly over all tokens'),
  }),
  build: ({ tokens, minimumCount, vocabulary, length = LENGTHS[tokens], labelSmoothing }): TargetField => ({
    fits: ({ cells }) =>
      cells.every((cell) => typeof cell === 'string') ? { weight: 0.5, because: 'texts' } : undefined,
    learn: () => learnTokens({ tokens, minimumCount, vocabulary }),
    read: (cell, _, place) => textIn(cell, place),
    head: (facts) => writer({ length, labelSmoothing, vocabulary: () => restoreVocabulary(facts as VocabularyData) }),
  }),
};
