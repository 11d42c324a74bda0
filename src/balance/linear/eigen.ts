import type { Matrix } from '../method.ts';

export interface Eigen {
  /** In falling order. */
  readonly values: Float64Array;
  /** `vectors[k]` belongs to `values[k]`; unit length. */
  readonly vectors: Matrix;
}

const SWEEPS = 60;

/**
 * Finds the eigenvalues and eigenvectors of a symmetric matrix by Jacobi's rotations. It goes on until each element is negligible
 * beside its own two diagonal elements, not beside the largest: that finds the small eigenvalues of a positive definite
 * matrix of rows of very different scale to full accuracy (Demmel and Veselić 1992).
 */
export function symmetricEigen(matrix: Matrix): Eigen {
  const size = matrix.length;
  const a = matrix.map((row) => Float64Array.from(row));
  const vectors = matrix.map((_, i) => Float64Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)));
  for (let sweep = 0, turned = true; turned && sweep < SWEEPS; sweep++) {
    turned = false;
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        const off = a[p]![q]!;
        if (Math.abs(off) <= Number.EPSILON * Math.sqrt(Math.abs(a[p]![p]! * a[q]![q]!))) continue;
        turned = true;
        const theta = (a[q]![q]! - a[p]![p]!) / (2 * off);
        const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const cosine = 1 / Math.hypot(tangent, 1);
        const sine = tangent * cosine;
        a[p]![p]! -= tangent * off;
        a[q]![q]! += tangent * off;
        a[p]![q] = a[q]![p] = 0;
        for (let k = 0; k < size; k++) {
          if (k !== p && k !== q) {
            const [kp, kq] = [a[k]![p]!, a[k]![q]!];
            a[k]![p] = a[p]![k] = cosine * kp - sine * kq;
            a[k]![q] = a[q]![k] = sine * kp + cosine * kq;
          }
          const [vp, vq] = [vectors[p]![k]!, vectors[q]![k]!];
          vectors[p]![k] = cosine * vp - sine * vq;
          vectors[q]![k] = sine * vp + cosine * vq;
        }
      }
    }
  }
  const order = a.map((_, i) => i).sort((i, j) => a[j]![j]! - a[i]![i]!);
  return {
    values: Float64Array.from(order, (i) => a[i]![i]!),
    vectors: order.map((i) => [...vectors[i]!]),
  };
}

/** Counts how many eigenvalues (falling, of a matrix of products) are more than rounding. */
export function rankOf(values: Float64Array, rounding = Number.EPSILON): number {
  return values.filter((value) => value > 16 * values.length * rounding * values[0]!).length;
}
