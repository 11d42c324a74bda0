import type { InputField, Kind } from 'banyan-ml/plugin';
import { oneOf, optionsOf } from 'banyan-ml/plugin';
import { type NumberStatistics, numberStatistics } from '../statistics.ts';
import { type CellTokens, type NumbersStemOptions, numbersStem } from '../stems/numbers.ts';
import { fitsNumbers, readNumber } from './cells.ts';

interface NumberOptions {
  readonly scaling: NonNullable<NumbersStemOptions['scaling']>;
  readonly tokens: CellTokens;
}

/** A number in a column, scaled by the training rows. */
export const numberInput: Kind<InputField, NumberOptions> = {
  kind: 'number',
  about: 'A number, scaled by the training rows; a missing one is learned.',
  options: optionsOf('number', {
    scaling: oneOf('standard', 'quantile', 'none')
      .default('standard')
      .describe('`standard`: mean 0, deviation 1; `quantile`: to a normal distribution; `none`'),
    tokens: oneOf('joined', 'columns')
      .default('joined')
      .describe('whether all numbers are one token, or each column has its own'),
  }),
  build: ({ scaling, tokens }): InputField => ({
    joins: true,
    fits: fitsNumbers,
    learn: (columns) => {
      const statistics = numberStatistics({ columns: columns.length, quantiles: scaling === 'quantile' });
      return {
        see: (cells, place, split) => {
          const numbers = cells.map((cell, column) => readNumber(cell, place, column));
          if (split === 'training') statistics.add(numbers);
        },
        facts: () => statistics.result(),
      };
    },
    read: (cells, place) => cells.map((cell, column) => readNumber(cell, place, column)),
    stem: (columns, facts) =>
      numbersStem({ columns, scaling, tokens, statistics: () => facts as unknown as NumberStatistics }),
  }),
};
