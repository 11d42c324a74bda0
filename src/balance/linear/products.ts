import type { Matrix } from '../method.ts';

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

export function times(matrix: Matrix, vector: ArrayLike<number>): Float64Array {
  return Float64Array.from(matrix, (row) => dot(row, vector));
}

/** Computes `x' matrix x`; at least 0, whatever rounding says. */
export function square(matrix: Matrix, x: ArrayLike<number>): number {
  return Math.max(0, dot(x, times(matrix, x)));
}

/** Computes the products of the rows with each other. */
export function gramOf(rows: Matrix): Matrix {
  return rows.map((a) => rows.map((b) => dot(a, b)));
}

export function total(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0);
}
