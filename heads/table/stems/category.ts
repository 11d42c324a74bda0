import * as tf from '@tensorflow/tfjs';
import { BanyanError, type Stem, type StemContext, type StemFactory } from 'banyan-ml';
import { check, oneOf } from 'banyan-ml/plugin';
import { type CategoryCell, categoryIds, LACKS } from '../category-ids.ts';
import type { Columns, NamedColumns } from '../column-names.ts';
import { namedColumns } from '../columns.ts';
import type { CellTokens } from './numbers.ts';

export interface CategoryStemOptions {
  /** The number of columns, or their names, which errors and displays then use. */
  readonly columns: Columns;
  /**
   * Makes the list of each column's categories, as the training split has them. It is called when a new network is built; a loaded one has
   * its own.
   */
  readonly categories: () => readonly (readonly string[])[];
  /** `joined`: the vectors of all cells are added to one token, for every trunk; `columns`: a token each, for a trunk that attends. Default `joined`. */
  readonly tokens?: CellTokens;
}

/**
 * Makes the stem that reads the categories of a row, one a column, each as a learned vector: ids `[batch, columns]` become
 * `[batch, 1, width]`, the sum of the vectors, or `[batch, columns, width]`. Each column has a vector for a cell that is missing, and one for
 * a category that its list lacks; they begin at 0.
 * @throws BanyanError `argument` for columns that are wrong, or lists that do not fit them; in `prepare`, `shape` for another number of
 * cells, and `data` for one that is no text.
 */
export function categoryStem(options: CategoryStemOptions): StemFactory<readonly CategoryCell[]> {
  const { categories, tokens = 'joined' } = options;
  const columns = namedColumns('categoryStem', options.columns);
  check('categoryStem', { tokens }, oneOf('joined', 'columns'));

  const stem = (context: StemContext): Stem<readonly CategoryCell[], tf.Tensor2D> => {
    context.settings({ columns: columns.setting, tokens });
    const lists = context.asset('categories', () => checked(columns, categories()));
    const total = lists.reduce((sum, list) => sum + list.length, 0);
    const lacking = LACKS * columns.count;
    // The sum of all columns' vectors is then as large as the token of a linear layer.
    const normal = Math.sqrt(1 / (3 * (tokens === 'joined' ? columns.count : 1)));
    const table = context.variable('categories', [Math.max(1, total), context.width], { normal }, { decay: false });
    const lacks = context.variable('lacking', [lacking, context.width], 'zeros', { decay: false });
    return {
      modality: 'table',
      inputShape: [columns.count],
      dtypes: ['int32'],
      preparation: { kind: 'categories' },
      positions: tokens === 'joined' ? 1 : columns.count,
      prepare: categoryIds({ columns: columns.setting, categories: lists }, context.task),
      forward: (ids, { looks }) => {
        const own = tf.gather<tf.Tensor>(tf.concat([lacks, table]), ids) as tf.Tensor3D; // [batch, columns, width]
        const vectors = looks?.(own, 1) ?? own; // [batch, columns, width]
        return tokens === 'joined' ? (vectors.sum(1, true) as tf.Tensor3D) : vectors; // [batch, 1 or columns, width]
      },
      baseline: (row) =>
        Array.from(row, (cell, column) => `${column} ${cell === undefined || cell === null ? '' : `= ${cell}`}`),
      display: (row) => [
        { kind: 'words', text: Array.from(row, (cell, i) => `${columns.nameOf(i)}: ${cell ?? 'missing'}`).join(', ') },
      ],
      places: (row, at) =>
        at === 'tokens' && tokens === 'joined'
          ? undefined
          : {
              kind: 'columns',
              columns: Array.from(row, (cell, i) => ({ name: columns.titleOf(i), value: cell ?? 'missing' })),
            },
    };
  };
  return Object.assign(stem, { modality: 'table' });
}

function checked(columns: NamedColumns, lists: readonly (readonly string[])[]): readonly (readonly string[])[] {
  if (lists.length !== columns.count) {
    throw new BanyanError(
      'argument',
      `categoryStem: expected a list of categories for each of ${columns.count} columns, received ${lists.length}. Give one a column.`,
    );
  }
  for (const [column, list] of lists.entries()) {
    const seen = new Set<string>();
    for (const category of list) {
      if (typeof category === 'string' && !seen.has(category)) seen.add(category);
      else {
        throw new BanyanError(
          'argument',
          `categoryStem: ${columns.nameOf(column)} has the category ${JSON.stringify(category)}${typeof category === 'string' ? ' twice' : ''}, expected texts, each of them once. Correct its list.`,
        );
      }
    }
  }
  return lists.map((list) => [...list]);
}
