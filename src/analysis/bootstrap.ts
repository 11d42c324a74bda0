import { BanyanError } from '../error.ts';
import { RandomStream } from '../random/index.ts';

const RESAMPLES = 10_000;

/** A mean with the lower and the upper bound of its confidence interval. */
export interface Bounds {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Computes the mean of independent values, such as one a seed, and its confidence interval by the percentile bootstrap (Efron 1979;
 * Efron and Tibshirani 1993, chapter 13) from 10,000 resamples that are the same each time. It assumes nothing of their
 * distribution, and is too narrow for few values: with three of them it can never reach beyond the least and the greatest.
 * @throws BanyanError `argument` for no values, or a confidence outside (0, 1).
 */
export function bootstrapInterval(values: readonly number[], confidence = 0.95): Bounds {
  const count = values.length;
  if (count === 0 || !(confidence > 0 && confidence < 1)) {
    throw new BanyanError(
      'argument',
      `bootstrapInterval: expected at least one value and a confidence in (0, 1), received ${count} and ${confidence}. Give values, and a confidence such as 0.95.`,
    );
  }
  const random = new RandomStream(0, 'bootstrap');
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += values[random.integer(count)]!;
    return sum / count;
  }).sort();
  const tail = ((1 - confidence) / 2) * (RESAMPLES - 1);
  const mean = values.reduce((a, b) => a + b) / count;
  return { mean, low: means[Math.round(tail)]!, high: means[Math.round(RESAMPLES - 1 - tail)]! };
}
