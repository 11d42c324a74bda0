import type { Matrix } from '../method.ts';
import { solvePositive } from './cholesky.ts';

/** How far a slope must be from 0, in units of the rounding of its sum. */
const ROUNDING = 32 * Number.EPSILON;

/**
 * Finds the minimum of `x'Ax / 2 - b'x` over `x >= 0`, for a symmetric A that is positive but for rounding: the active-set
 * method of Lawson and Hanson (1974, chapter 23) on products instead of rows. Exact: it ends at the solution of a
 * linear system. A row that depends on those in use already is left out, so A may be singular.
 */
export function nonNegative(matrix: Matrix, right: ArrayLike<number>): Float64Array {
  const size = matrix.length;
  const x = new Float64Array(size);
  let used: number[] = [];
  const barred = new Set<number>();
  for (let round = 0; round < 10 * size + 10; round++) {
    const entering = steepest(matrix, right, x, used, barred);
    if (entering === undefined) break;
    used.push(entering);
    let solution = solvePositive(matrix, right, used);
    if (solution === undefined || solution.at(-1)! <= 0) {
      // It depends on the others, or rounding alone made it look useful.
      used.pop();
      barred.add(entering);
      continue;
    }
    barred.clear();
    while (solution?.some((value) => value <= 0)) {
      // As far as the first of them that would leave the region, which then goes out.
      const step = used.reduce((least, row, i) => {
        const wanted = solution![i]!;
        return wanted > 0 ? least : Math.min(least, x[row]! / (x[row]! - wanted));
      }, 1);
      const before = used;
      before.forEach((row, i) => {
        const ended = solution![i]! <= 0 && x[row]! / (x[row]! - solution![i]!) <= step;
        x[row] = ended ? 0 : x[row]! + step * (solution![i]! - x[row]!);
      });
      used = before.filter((row) => x[row]! > 0);
      solution = solvePositive(matrix, right, used);
    }
    used.forEach((row, i) => {
      x[row] = solution?.[i] ?? x[row]!;
    });
  }
  return x;
}

/** The unused row along which the value falls fastest, if there is one. */
function steepest(
  matrix: Matrix,
  right: ArrayLike<number>,
  x: Float64Array,
  used: readonly number[],
  barred: ReadonlySet<number>,
): number | undefined {
  let best: number | undefined;
  let most = 0;
  for (let i = 0; i < x.length; i++) {
    if (used.includes(i) || barred.has(i) || !(matrix[i]![i]! > 0)) continue;
    let slope = right[i]!;
    let size = Math.abs(slope);
    for (const j of used) {
      const term = matrix[i]![j]! * x[j]!;
      slope -= term;
      size += Math.abs(term);
    }
    // In units of the row's own length: no matter in which scale it comes.
    const steepness = slope / Math.sqrt(matrix[i]![i]!);
    if (slope > ROUNDING * size && steepness > most) [best, most] = [i, steepness];
  }
  return best;
}
