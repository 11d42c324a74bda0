import type { Matrix } from '../method.ts';
import { nonNegative } from './non-negative.ts';
import { total } from './products.ts';

/** Below this share of the longest row's squared length a row counts as 0. */
const ZERO = 1e-40;

/**
 * Weights (>= 0, sum 1) of the point of least length among the convex combinations of rows, from their products. With
 * `x >= 0` free, `|Σ x_i g_i|² + (Σ x_i - 1)²` has its minimum at a multiple of it (Wolfe 1976, section 2).
 */
export function minimumNorm(gram: Matrix): Float64Array {
  const squares = gram.map((row, i) => row[i]!);
  const [shortest, longest] = [Math.min(...squares), Math.max(...squares)];
  const none = squares.map((square) => (square <= ZERO * longest ? 1 : 0));
  const weights = none.includes(1)
    ? Float64Array.from(none)
    : nonNegative(
        gram.map((row) => row.map((product) => product / shortest + 1)),
        squares.map(() => 1),
      );
  const sum = total(weights);
  return weights.map((x) => x / sum);
}
