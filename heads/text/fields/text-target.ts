import type { Kind, TargetField } from 'banyan-ml/plugin';
import { count, optionsOf, rate } from 'banyan-ml/plugin';
import { writer } from '../heads/writer.ts';
import { tokenize, vocabularyOf } from '../vocabulary.ts';
import { learnWords, textIn } from './learn-words.ts';

interface TextTargetOptions {
  readonly length: number;
  readonly minimumCount: number;
  readonly labelSmoothing: number;
}

/** A text that is written word by word. */
export const textTarget: Kind<TargetField, TextTargetOptions> = {
  kind: 'text',
  about: 'A text, written word by word; the trunk needs a decoder.',
  options: optionsOf('text', {
    length: count.default(32).describe('most words of a text'),
    minimumCount: count.default(2).describe('times that a word has to stand in training rows to be written'),
    labelSmoothing: rate.default(0).describe('share of the target that is spread evenly over all words'),
  }),
  build: ({ length, minimumCount, labelSmoothing }): TargetField => ({
    fits: ({ cells }) =>
      cells.every((cell) => typeof cell === 'string') ? { weight: 0.5, because: 'texts' } : undefined,
    learn: () => learnWords(minimumCount, (cell, place) => tokenize(textIn(cell, place))),
    read: (cell) => String(cell),
    head: (facts) => writer({ length, labelSmoothing, vocabulary: () => vocabularyOf(facts as readonly string[]) }),
  }),
};
