import type { Matrix } from '../method.ts';
import { rankOf, symmetricEigen } from './eigen.ts';
import { dot } from './products.ts';

/** Finds the shortest least-squares solution of `matrix x = right` for a symmetric matrix that is positive but for rounding. */
export function pseudoSolve(matrix: Matrix, right: ArrayLike<number>, rounding?: number): Float64Array {
  const { values, vectors } = symmetricEigen(matrix);
  const x = new Float64Array(matrix.length);
  for (let k = 0; k < rankOf(values, rounding); k++) {
    const share = dot(vectors[k]!, right) / values[k]!;
    vectors[k]!.forEach((element, i) => {
      x[i]! += share * element;
    });
  }
  return x;
}
