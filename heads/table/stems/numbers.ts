import * as tf from '@tensorflow/tfjs';
import type { Call, Stem, StemContext, StemFactory } from 'banyan-ml';
import { linear } from 'banyan-ml/layers';
import { check, oneOf } from 'banyan-ml/plugin';
import type { Columns } from '../column-names.ts';
import { namedColumns } from '../columns.ts';
import { isMissing, type NumberCell } from '../number-cell.ts';
import { scaledNumbers } from '../scaled-numbers.ts';
import type { Scaling } from '../scaling.ts';
import type { NumberStatistics } from '../statistics.ts';

/** How the cells of a row become tokens: see `numbersStem`. */
export type CellTokens = 'joined' | 'columns';

export interface NumbersStemOptions {
  /** The number of columns, or their names, which errors and displays then use. */
  readonly columns: Columns;
  /**
   * - `standard`: less the mean, over the deviation; a column that is constant gives 0.
   * - `quantile`: to a normal distribution by their order, for numbers with a long tail, or far apart (as scikit-learn's
   *   `QuantileTransformer`).
   * - `none`: as they are.
   *
   * Default `standard`.
   */
  readonly scaling?: Scaling;
  /**
   * Makes the statistics of the training split: see `numberStatistics`. It is called when a new network is built; a loaded one has its own.
   * It may be left out where nothing is scaled.
   */
  readonly statistics?: () => NumberStatistics;
  /**
   * - `joined`: all cells become one token by a linear layer, for every trunk.
   * - `columns`: each cell becomes a token by an affine map of its own, for a trunk that attends (Gorishniy et al. 2021, section 3.3,
   *   equation of numerical features).
   *
   * Default `joined`.
   */
  readonly tokens?: CellTokens;
}

// A token of one column tells which one it is by numbers so large, about half of what its number gives.
const PLACE = 0.3;

/**
 * Makes the stem that reads the numbers of a row, one a column: `[batch, 2, columns]`, scaled numbers and which of them are missing, becomes
 * `[batch, 1, width]`, or `[batch, columns, width]` with a token for each column. A cell that is missing (undefined or NaN) counts as 0
 * after scaling, and adds a vector that is learned for its column.
 * @throws BanyanError `argument` for columns, scaling or statistics that are wrong; in `prepare`, `shape` for another number of cells, and
 * `data` for one that is no finite number.
 */
export function numbersStem(options: NumbersStemOptions): StemFactory<ArrayLike<NumberCell>> {
  const { scaling = 'standard', statistics, tokens = 'joined' } = options;
  const columns = namedColumns('numbersStem', options.columns);
  check('numbersStem', { scaling }, oneOf('standard', 'quantile', 'none'));
  check('numbersStem', { tokens }, oneOf('joined', 'columns'));

  const stem = (context: StemContext): Stem<ArrayLike<NumberCell>, tf.Tensor3D> => {
    context.settings({ columns: columns.setting, scaling, tokens });
    const kept = statistics === undefined || scaling === 'none' ? undefined : context.asset('statistics', statistics);
    const prepare = scaledNumbers({ columns: columns.setting, scaling, statistics: kept }, context.task);
    const encode = tokens === 'joined' ? joined(context, columns.count) : apart(context, columns.count);
    const textOf = (x: NumberCell) => (isMissing(x) ? 'missing' : String(x));
    return {
      modality: 'table',
      inputShape: [2, columns.count],
      dtypes: ['float32'],
      preparation: { kind: scaling === 'quantile' ? 'quantiles' : 'columns' },
      positions: tokens === 'joined' ? 1 : columns.count,
      prepare,
      forward: (batch, { looks }) => encode(looks === undefined ? batch : byColumn(batch, looks)),
      display: (row) => [
        {
          kind: 'words',
          text: Array.from(row, (x, i) => `${columns.nameOf(i)}: ${textOf(x)}`).join(', '),
        },
      ],
      places: (row, at) =>
        at === 'tokens' && tokens === 'joined'
          ? undefined
          : { kind: 'columns', columns: Array.from(row, (x, i) => ({ name: columns.titleOf(i), value: textOf(x) })) },
    };
  };
  return Object.assign(stem, { modality: 'table' });
}

/** Shows the two numbers of each column side by side: `[batch, 2, columns]` as `[batch, columns, 2]`. */
const byColumn = (batch: tf.Tensor3D, looks: NonNullable<Call['looks']>): tf.Tensor3D =>
  looks(batch.transpose<tf.Tensor3D>([0, 2, 1]), 1).transpose([0, 2, 1]);

function joined(context: StemContext, columns: number) {
  const values = linear(context, 'values', columns, context.width);
  // From 0 on: where no number was ever missing in training, a missing one is the mean.
  const missing = linear(context, 'missing', columns, context.width, { initializer: 'zeros', bias: false });
  return (batch: tf.Tensor3D): tf.Tensor3D => {
    const [numbers, holes] = tf.split(batch, 2, 1) as [tf.Tensor3D, tf.Tensor3D]; // [batch, 1, columns] each
    return values(numbers).add(missing(holes)); // [batch, 1, width]
  };
}

function apart(context: StemContext, columns: number) {
  const shape = [columns, context.width] as const;
  const values = context.variable('values', shape, { normal: Math.sqrt(1 / 3) }, { decay: false });
  const place = context.variable('place', shape, { normal: PLACE }, { decay: false });
  const missing = context.variable('missing', shape, 'zeros', { decay: false });
  return (batch: tf.Tensor3D): tf.Tensor3D => {
    const [numbers, holes] = tf.split(batch, 2, 1).map((part) => part.reshape([-1, columns, 1])) as [
      tf.Tensor3D,
      tf.Tensor3D,
    ]; // [batch, columns, 1] each
    return numbers.mul(values).add(holes.mul(missing)).add(place) as tf.Tensor3D; // [batch, columns, width]
  };
}
