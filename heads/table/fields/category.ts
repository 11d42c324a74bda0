import { BanyanError } from 'banyan-ml';
import type { InputField, Kind } from 'banyan-ml/plugin';
import { count, oneOf, optionsOf } from 'banyan-ml/plugin';
import { categoryStem } from '../stems/category.ts';
import type { CellTokens } from '../stems/numbers.ts';
import { numberIn, readWord, repeats, sortWords } from './cells.ts';

interface CategoryOptions {
  readonly minimumCount: number;
  readonly tokens: CellTokens;
}

/** More words than this are a text, or name the rows. */
const MOST = 100_000;

/** One of some words, each a learned vector. */
export const categoryInput: Kind<InputField, CategoryOptions> = {
  kind: 'category',
  about: 'One of some words; a missing one, and one that no training row has, are learned.',
  options: optionsOf('category', {
    minimumCount: count
      .default(2)
      .describe('training rows in which a word has to stand; a rarer one is taken for unknown'),
    tokens: oneOf('joined', 'columns')
      .default('joined')
      .describe('whether all categories are one token, or each column has its own'),
  }),
  build: ({ minimumCount, tokens }): InputField => ({
    joins: true,
    fits: (sample) => {
      const words = sample.cells.every(
        (cell) => typeof cell === 'boolean' || (typeof cell === 'string' && numberIn(cell) === undefined),
      );
      return words && repeats(sample) ? { weight: 0.8, because: `${sample.distinct} words that repeat` } : undefined;
    },
    learn: (columns) => {
      const counts = columns.map(() => new Map<string, number>());
      return {
        see: (cells, place, split) => {
          for (const [column, cell] of cells.entries()) {
            const word = readWord(cell, place, column);
            if (word === undefined || split !== 'training') continue;
            const words = counts[column]!;
            words.set(word, (words.get(word) ?? 0) + 1);
            if (words.size > MOST) {
              throw new BanyanError(
                'data',
                `${place.row}, column "${columns[column]}": expected at most ${MOST} different words in a category, received more. Read it as text, or leave it out.`,
              );
            }
          }
        },
        facts: () =>
          counts.map((words) => sortWords([...words].filter(([, rows]) => rows >= minimumCount).map(([word]) => word))),
      };
    },
    read: (cells, place) => cells.map((cell, column) => readWord(cell, place, column)),
    stem: (columns, facts) => categoryStem({ columns, tokens, categories: () => facts as string[][] }),
  }),
};
