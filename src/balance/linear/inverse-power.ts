import type { Matrix } from '../method.ts';
import { solvePositive } from './cholesky.ts';
import { symmetricEigen } from './eigen.ts';
import { dot, square, times } from './products.ts';

/** Added to the unit diagonal: for rows of which a positive combination is 0, x would grow without end. */
const RIDGE = 1e-12;
const STEPS = 500;

/**
 * `x > 0` with `(C x)_i = c_i x_i^(-p)`, for cosines C: the one minimum of the convex function
 * `x'Cx / 2 - Σ c_i x_i^(1-p) / (1-p)` (for p = 1: `- Σ c_i log x_i`), by Newton's method with steps shortened to stay
 * positive and to go down.
 */
export function inversePower(cosines: Matrix, scales: Float64Array, power: number): Float64Array {
  const matrix = positive(cosines);
  const utility = (x: number) => (power === 1 ? Math.log(x) : x ** (1 - power) / (1 - power));
  const value = (x: Float64Array) => square(matrix, x) / 2 - dot(scales, x.map(utility));
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
    const size = dot(
      scales,
      x.map((element) => element ** (1 - power)),
    );
    // Far below the square root of rounding: the last step has squared the error.
    if (!(gain > 1e-26 * size)) break;
    let length = towards.reduce((most, change, i) => (change > 0 ? Math.min(most, (0.99 * x[i]!) / change) : most), 1);
    const moved = (by: number) => x.map((element, i) => element - by * towards[i]!);
    const here = value(x);
    // Near the end the values no longer tell a step that helps from rounding.
    if (gain > 1e-9 * size) while (value(moved(length)) > here - 0.1 * length * gain && length > 1e-12) length /= 2;
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
