import { BanyanError } from 'banyan-ml';
import type { Cell } from 'banyan-ml/data';
import type { InputField, Kind } from 'banyan-ml/plugin';
import { type CellPlace, type ColumnSample, cellFault, type Fit, oneOf, optionsOf } from 'banyan-ml/plugin';
import { MISSING, optional } from '../../optional.ts';
import { type NumberStatistics, numberStatistics } from '../statistics.ts';
import { type VectorStemOptions, vectorStem } from '../stems/vector.ts';
import { numberIn } from './cells.ts';

interface VectorOptions {
  readonly scaling: NonNullable<VectorStemOptions['scaling']>;
}

/** Gives the numbers of a cell: a list, or a text such as `[1, 2.5]`, `1 2.5` or `1;2.5`; undefined for any other. */
export function numbersIn(cell: Cell): readonly number[] | undefined {
  const parts = Array.isArray(cell)
    ? cell
    : typeof cell === 'string'
      ? cell
          .trim()
          .replace(/^\[|\]$/g, '')
          .split(/[\s,;]+/)
          .filter((part) => part !== '')
      : [];
  const numbers = parts.map(numberIn);
  return numbers.length > 0 && numbers.every((number) => number !== undefined) ? numbers : undefined;
}

export function readNumbers(cell: Exclude<Cell, null>, place: CellPlace, size?: number): readonly number[] {
  const numbers = numbersIn(cell);
  const expected = size === undefined ? 'a list of numbers' : `a list of ${size} numbers`;
  if (numbers === undefined) throw cellFault(place, expected, cell, 'Write it as [1, 2, 3].');
  if (size === undefined || numbers.length === size) return numbers;
  throw cellFault(place, `${expected}, as in the rows before`, numbers, 'Give every row as many.');
}

/** Says why a column is one of lists of numbers; undefined where it is not. */
export function fitsLists({ cells }: ColumnSample): Fit | undefined {
  const lists = cells.map(numbersIn);
  const length = lists[0]?.length ?? 0;
  const alike = length > 1 && lists.every((list) => list?.length === length);
  return alike ? { weight: 0.95, because: `lists of ${length} numbers` } : undefined;
}

/** Learns how many numbers there are, and how they are spread. */
export function learnNumbers(scaling: VectorOptions['scaling'] = 'standard') {
  let statistics: ReturnType<typeof numberStatistics> | undefined;
  let size: number | undefined;
  return {
    see: ([cell = null]: readonly Cell[], place: CellPlace, split: string) => {
      if (cell === null) return;
      const numbers = readNumbers(cell, place, size);
      size ??= numbers.length;
      statistics ??= numberStatistics({ columns: size, quantiles: scaling === 'quantile' });
      if (split === 'training') statistics.add(numbers);
    },
    facts: () => {
      if (statistics === undefined)
        throw new BanyanError('data', 'every cell is missing, expected lists of numbers. Leave the column out.');
      return statistics.result();
    },
  };
}

/** A list of numbers, of the same length in each row. */
export const vectorInput: Kind<InputField, VectorOptions> = {
  kind: 'vector',
  about: 'A list of numbers, of the same length in each row; a missing one is learned.',
  options: optionsOf('vector', {
    scaling: oneOf('standard', 'quantile', 'none')
      .default('standard')
      .describe('how each of the numbers is scaled, as for `number`'),
  }),
  build: ({ scaling }): InputField => ({
    fits: fitsLists,
    learn: () => learnNumbers(scaling),
    read: ([cell = null], place) => (cell === null ? MISSING : readNumbers(cell, place)),
    stem: (_, facts) => {
      const statistics = facts as unknown as NumberStatistics;
      const { mean } = statistics;
      return optional(vectorStem({ size: mean.length, scaling, statistics: () => statistics }), mean);
    },
  }),
};
