import { BanyanError } from '../error.ts';
import { studentWithin } from './student.ts';

// Differences of metrics that were computed in float64 are no smaller than this share of them, unless they are rounding.
const ROUNDING = 1e-12;

/**
 * Computes the two-sided p-value of Student's paired t-test: how likely differences of such a mean are where both come from one
 * distribution. `first[i]` and `second[i]` belong together, such as two runs of one seed. It is 1 where there is no difference at all,
 * and NaN for a single pair, and for differences that are equal but for rounding: they say nothing of their spread.
 * @throws BanyanError `argument` for lists of different lengths, or without pairs.
 */
export function pairedTest(first: readonly number[], second: readonly number[]): number {
  const count = first.length;
  if (count === 0 || count !== second.length) {
    throw new BanyanError(
      'argument',
      `pairedTest: expected two lists of one length >= 1, received ${count} and ${second.length}. Give each value its partner.`,
    );
  }
  if (count === 1) return Number.NaN;
  const differences = first.map((value, i) => value - second[i]!);
  const mean = differences.reduce((a, b) => a + b) / count;
  if (differences.every((difference) => difference === 0)) return 1;
  const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const size = Math.max(...first.map(Math.abs), ...second.map(Math.abs));
  if (Math.sqrt(variance) <= ROUNDING * size) return Number.NaN;
  return Math.max(0, 1 - studentWithin(Math.abs(mean) / Math.sqrt(variance / count), count - 1));
}

/**
 * Corrects p-values for being several (Holm 1979, "A simple sequentially rejective multiple test procedure"): what stays
 * below a level is significant at that level as one of them all. The order is kept; NaN, of a test that was none, stays and
 * does not count.
 */
export function holm(pValues: readonly number[]): readonly number[] {
  const order = pValues.flatMap((p, i) => (Number.isNaN(p) ? [] : [i])).sort((a, b) => pValues[a]! - pValues[b]!);
  const corrected = pValues.map(() => Number.NaN);
  let least = 0;
  for (const [rank, i] of order.entries()) {
    least = Math.max(least, Math.min(1, (order.length - rank) * pValues[i]!));
    corrected[i] = least;
  }
  return corrected;
}
