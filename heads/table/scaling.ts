import { BanyanError } from 'banyan-ml';
import { normalQuantile } from './normal-quantile.ts';
import type { NumberStatistics } from './statistics.ts';

/** How numbers are scaled: see `numbersStem`. */
export type Scaling = 'standard' | 'quantile' | 'none';

/** Scales a number of a column. */
export type Scale = (x: number, column: number) => number;

/** Probabilities this near to 0 and 1 are the furthest, at about 5.2 deviations. */
const FURTHEST = 1e-7;

/**
 * Makes the function that scales numbers, by statistics where there have to be some. `stem`: whose they are, for the error.
 * @throws BanyanError `argument` for statistics that are missing, of another number of columns, or without quantiles.
 */
export function scaleBy(stem: string, columns: number, scaling: Scaling, statistics?: NumberStatistics): Scale {
  if (scaling === 'none') return (x) => x;
  const fail = (received: string, mend: string) =>
    new BanyanError(
      'argument',
      `${stem}: expected statistics of ${columns} columns${scaling === 'quantile' ? ', with quantiles' : ''}, received ${received}. ${mend}`,
    );
  if (statistics === undefined) {
    throw fail('none', 'Give what numberStatistics finds in the training split, or set scaling to "none".');
  }
  const { mean, deviation, quantiles } = statistics;
  if (mean.length !== columns || deviation.length !== columns) {
    throw fail(`them of ${mean.length}`, 'Give those of the same columns.');
  }
  if (scaling === 'standard') {
    return (x, column) => (deviation[column]! > 0 ? (x - mean[column]!) / deviation[column]! : 0);
  }
  if (quantiles === undefined)
    throw fail('them without', 'Make them by numberStatistics({ columns, quantiles: true }).');
  return (x, column) => normalScore(x, quantiles[column]!);
}

/**
 * Gives the number of the standard normal distribution below which there are as many as below x in the column. Where the column has a
 * number several times, it lies in the middle of their places; numbers outside of the column's are the furthest.
 */
function normalScore(x: number, quantiles: readonly number[]): number {
  const [least, greatest] = [quantiles[0], quantiles.at(-1)];
  if (least === undefined || least === greatest) return 0;
  if (x <= least + FURTHEST) return normalQuantile(FURTHEST);
  if (x >= greatest! - FURTHEST) return -normalQuantile(FURTHEST);
  const share = (place(x, quantiles, true) + place(x, quantiles, false)) / 2 / (quantiles.length - 1);
  return normalQuantile(Math.min(1 - FURTHEST, Math.max(FURTHEST, share)));
}

/** Where x stands among ascending numbers, in parts of a place; among equal ones at the first of them, or at the last. */
function place(x: number, numbers: readonly number[], first: boolean): number {
  // The count of numbers that are below x, or that are not above it.
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! < x || (!first && numbers[middle] === x)) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [numbers[low - 1]!, numbers[low]!];
  if (first) return after === x ? low : low - 1 + (x - before) / (after - before);
  return before === x ? low - 1 : low - 1 + (x - before) / (after - before);
}
