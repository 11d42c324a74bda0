import type { Matrix } from '../method.ts';
import { solvePositive } from './cholesky.ts';
import { symmetricEigen } from './eigen.ts';
import { dot, square, times } from './products.ts';

/** Added to the unit diagonal: for rows of which a positive combination is 0, x would grow without end. */
const RIDGE = 1e-12;
const STEPS = 500;
const SHORTEST = 1e-12;

/**
 * Finds `x > 0` with `(C x)_i = c_i x_i^(-p)`, for cosines C: the one minimum of the convex function `x'Cx / 2 - Σ c_i
 * x_i^(1-p) / (1-p)` (for p = 1: `- Σ c_i log x_i`), by Newton's method with steps shortened to stay positive and to go
 * down.
 */
export function inversePower(cosines: Matrix, scales: Float64Array, power: number): Float64Array {
  const matrix = positive(cosines);
  const utility = (x: number) => (power === 1 ? Math.log(x) : x ** (1 - power) / (1 - power));
  const value = (x: Float64Array) => square(matrix, x) / 2 - dot(scales, x.map(utility));
  const sizes = matrix.map((row) => row.map(Math.abs));
  let previous = Number.POSITIVE_INFINITY;
  // What it is for gradients at right angles.
  let x = scales.map((scale) => scale ** (1 / (1 + power)));
  for (let step = 0; step < STEPS; step++) {
    const slope = times(matrix, x).map((product, i) => product - scales[i]! * x[i]! ** -power);
    const curvature = matrix.map((row, i) =>
      row.map((element, j) => (i === j ? element + power * scales[i]! * x[i]! ** (-power - 1) : element)),
    );
    const towards = solvePositive(curvature, slope, undefined, 0);
    if (towards === undefined) break;
    const gain = dot(slope, towards);
    // Rounding in the value: below it, the value does not tell a step that helps, and Newton's step needs no shortening.
    const rounding = 8 * Number.EPSILON * dot(x, times(sizes, x));
    const near = gain <= rounding;
    if (gain === 0 || (near && gain > previous / 4)) break;
    previous = near ? gain : Number.POSITIVE_INFINITY;
    let length = towards.reduce((most, change, i) => (change > 0 ? Math.min(most, (0.99 * x[i]!) / change) : most), 1);
    const moved = (by: number) => x.map((element, i) => element - by * towards[i]!);
    const highest = value(x) + rounding;
    if (!near) while (value(moved(length)) > highest - 0.1 * length * gain && length > SHORTEST) length /= 2;
    if (length <= SHORTEST) break;
    x = moved(length);
  }
  return x;
}

/** With a ridge, and without the negative eigenvalues that products summed in float32 can have. */
function positive(cosines: Matrix): Matrix {
  const ridged = cosines.map((row, i) => row.map((element, j) => (i === j ? element + RIDGE : element)));
  if (solvePositive(ridged, new Float64Array(ridged.length), undefined, RIDGE / 10) !== undefined) return ridged;
  const { values, vectors } = symmetricEigen(cosines);
  return cosines.map((row, i) =>
    row.map((_, j) => {
      const whole = vectors.reduce((sum, vector, k) => sum + Math.max(0, values[k]!) * vector[i]! * vector[j]!, 0);
      return i === j ? whole + RIDGE : whole;
    }),
  );
}
