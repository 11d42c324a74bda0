import type { Kind, TargetField } from 'banyan-ml/plugin';
import { cellFault, count, optionsOf, rate } from 'banyan-ml/plugin';
import { writer } from '../heads/writer.ts';
import { tokenize, vocabularyOf } from '../vocabulary.ts';

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
    read: (cell) => String(cell),
    head: (facts) => writer({ length, labelSmoothing, vocabulary: () => vocabularyOf(facts as readonly string[]) }),
  }),
};
