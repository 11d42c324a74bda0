import type { Matrix } from '../method.ts';

/** A pivot below this share of its diagonal element means a row that depends on those before it. */
const DEPENDENT = 1e-13;

/**
 * Finds `x` with `matrix x = right`, all in the given rows and columns, by Cholesky's factorisation and one step of iterative
 * refinement. Undefined where a pivot is at most `floor` of its diagonal element: the matrix is then singular, or not
 * positive. The factorisation does not mind rows of very different scale.
 */
export function solvePositive(
  matrix: Matrix,
  right: ArrayLike<number>,
  rows: readonly number[] = matrix.map((_, i) => i),
  floor = DEPENDENT,
): Float64Array | undefined {
  const size = rows.length;
  const factor: Float64Array[] = []; // lower triangle, [size, size]
  for (let i = 0; i < size; i++) {
    const row = new Float64Array(size);
    factor.push(row);
    const matrixRow = matrix[rows[i]!]!;
    for (let j = 0; j < i; j++) {
      let sum = matrixRow[rows[j]!]!;
      for (let k = 0; k < j; k++) sum -= row[k]! * factor[j]![k]!;
      row[j] = sum / factor[j]![j]!;
    }
    const diagonal = matrixRow[rows[i]!]!;
    let pivot = diagonal;
    for (let k = 0; k < i; k++) pivot -= row[k]! ** 2;
    if (!(pivot > floor * diagonal)) return undefined;
    row[i] = Math.sqrt(pivot);
  }
  const solve = (vector: Float64Array) => {
    for (let i = 0; i < size; i++) {
      for (let k = 0; k < i; k++) vector[i]! -= factor[i]![k]! * vector[k]!;
      vector[i]! /= factor[i]![i]!;
    }
    for (let i = size - 1; i >= 0; i--) {
      for (let k = i + 1; k < size; k++) vector[i]! -= factor[k]![i]! * vector[k]!;
      vector[i]! /= factor[i]![i]!;
    }
    return vector;
  };
  const x = solve(Float64Array.from(rows, (row) => right[row]!));
  const residual = Float64Array.from(rows, (row) => {
    let sum = right[row]!;
    for (let k = 0; k < size; k++) sum -= matrix[row]![rows[k]!]! * x[k]!;
    return sum;
  });
  solve(residual).forEach((correction, i) => {
    x[i]! += correction;
  });
  return x;
}
