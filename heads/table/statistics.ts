import { BanyanError } from 'banyan-ml';
import { check, checkSeed, count, RandomStream } from 'banyan-ml/plugin';
import { isMissing, type NumberCell } from './number-cell.ts';

/** What is known of each column's numbers, without those that are missing. It can be written as JSON. */
export type NumberStatistics = {
  /** How many numbers there were. */
  readonly counts: readonly number[];
  /** 0 for a column without a number. */
  readonly mean: readonly number[];
  /** The root of the mean squared distance from the mean, as in scikit-learn's `StandardScaler`; 0 for a column that is constant. */
  readonly deviation: readonly number[];
  /** At most 1000 numbers for each column, at equal shares of its numbers, ascending; of a column without a number none. */
  readonly quantiles?: readonly (readonly number[])[];
};

export interface NumberStatisticsOptions {
  readonly columns: number;
  /** With true, quantiles are found too, which needs the numbers in memory. Default false. */
  readonly quantiles?: boolean;
  /** The seed by which numbers are drawn for the quantiles where a column has more than 100 000. Default 0. */
  readonly seed?: number;
}

/** Adds up what is known of the numbers of a table, row by row. */
export interface StatisticsOfNumbers {
  /** @throws BanyanError `shape` for a row of another length; `data` for an infinite number. */
  add(row: ArrayLike<NumberCell>): void;
  result(): NumberStatistics;
}

/** So many numbers of a column are kept for its quantiles. */
const KEPT = 100_000;
/** So many quantiles are told, as scikit-learn's `QuantileTransformer` has them. */
const QUANTILES = 1000;

/**
 * Makes what adds up mean, deviation and quantiles of each column while rows go by; give it the rows of the training split alone. Mean and
 * deviation are exact to rounding, in one pass (Welford 1962). Quantiles are exact up to 100 000 numbers in a column; of more of them a
 * sample of 100 000 is kept, in which each number is as likely as any other (Vitter 1985, algorithm R), the same one for the same seed.
 * @throws BanyanError `argument` for a number of columns or a seed that is wrong.
 */
export function numberStatistics(options: NumberStatisticsOptions): StatisticsOfNumbers {
  const { columns, quantiles = false, seed = 0 } = options;
  check('numberStatistics', { columns }, count);
  checkSeed('numberStatistics: seed', seed);
  const counts = new Array<number>(columns).fill(0);
  const mean = new Array<number>(columns).fill(0);
  const squares = new Array<number>(columns).fill(0);
  const samples = Array.from({ length: quantiles ? columns : 0 }, (_, i) => reservoir(seed, i));
  let rows = 0;
  return {
    add: (row) => {
      if (row.length !== columns) {
        throw new BanyanError(
          'shape',
          `numberStatistics: row ${rows} has ${row.length} cells, expected ${columns}. Give undefined for a number that is missing.`,
        );
      }
      for (let i = 0; i < columns; i++) {
        const x = row[i];
        if (isMissing(x)) continue;
        if (!Number.isFinite(x)) {
          throw new BanyanError(
            'data',
            `numberStatistics: row ${rows} has ${typeof x === 'string' ? JSON.stringify(x) : String(x)} in column ${i}, expected a finite number. Correct it, or give undefined where it is missing.`,
          );
        }
        counts[i]!++;
        const distance = x - mean[i]!;
        mean[i]! += distance / counts[i]!;
        squares[i]! += distance * (x - mean[i]!);
        samples[i]?.add(x);
      }
      rows++;
    },
    result: () => ({
      counts: [...counts],
      mean: [...mean],
      deviation: squares.map((sum, i) => (counts[i] === 0 ? 0 : Math.sqrt(sum / counts[i]!))),
      ...(quantiles ? { quantiles: samples.map((sample) => quantilesOf(sample.numbers)) } : {}),
    }),
  };
}

/** A sample of a stream of numbers whose length is not known before. */
function reservoir(seed: number, column: number) {
  const random = new RandomStream(seed, `numberStatistics ${column}`);
  const numbers: number[] = [];
  let seen = 0;
  return {
    numbers,
    add: (x: number) => {
      seen++;
      if (numbers.length < KEPT) {
        numbers.push(x);
        return;
      }
      const place = random.integer(seen);
      if (place < KEPT) numbers[place] = x;
    },
  };
}

/** Between two numbers quantiles lie on a straight line, as numpy's do by default. */
function quantilesOf(numbers: readonly number[]): readonly number[] {
  const sorted = Float64Array.from(numbers).sort();
  const told = Math.min(QUANTILES, sorted.length);
  if (told <= 1) return [...sorted];
  return Array.from({ length: told }, (_, i) => {
    const place = (i / (told - 1)) * (sorted.length - 1);
    const below = Math.floor(place);
    const low = sorted[below]!;
    return low + (place - below) * ((sorted[below + 1] ?? low) - low);
  });
}
