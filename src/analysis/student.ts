import { BanyanError } from '../error.ts';

/** A mean with its confidence interval. */
export interface Interval {
  readonly mean: number;
  /** Half the interval's width; absent for a single value, which says nothing of its spread. */
  readonly halfWidth?: number;
  readonly count: number;
}

/**
 * Computes the mean of independent values, such as one a seed, and its confidence interval by Student's t distribution: right for few
 * values that are about normal.
 * @throws BanyanError `argument` for no values, or a confidence outside (0, 1).
 */
export function meanInterval(values: readonly number[], confidence = 0.95): Interval {
  const count = values.length;
  if (count === 0 || !(confidence > 0 && confidence < 1)) {
    throw new BanyanError(
      'argument',
      `meanInterval: expected at least one value and a confidence in (0, 1), received ${count} and ${confidence}. Give values, and a confidence such as 0.95.`,
    );
  }
  const mean = values.reduce((a, b) => a + b) / count;
  if (count === 1) return { mean, count };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  return { mean, halfWidth: studentQuantile(confidence, count - 1) * Math.sqrt(variance / count), count };
}

/** The t for which Student's distribution has this probability within ±t, by bisection. */
function studentQuantile(probability: number, freedom: number): number {
  let [low, high] = [0, 1];
  while (studentWithin(high, freedom) < probability) high *= 2;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (studentWithin(middle, freedom) < probability) low = middle;
    else high = middle;
  }
  return high;
}

/** Probability within ±t (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4). `freedom`: a whole number >= 1. */
export function studentWithin(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const cosine = Math.cos(angle);
  const odd = freedom % 2;
  let term = odd === 1 ? cosine : 1;
  let sum = freedom === 1 ? 0 : term;
  for (let k = odd + 2; k < freedom; k += 2) {
    term *= (cosine ** 2 * (k - 1)) / k;
    sum += term;
  }
  const within = Math.sin(angle) * sum;
  return odd === 1 ? (2 / Math.PI) * (angle + within) : within;
}
