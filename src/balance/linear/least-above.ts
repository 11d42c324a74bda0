import type { Matrix } from '../method.ts';
import { nonNegative } from './non-negative.ts';
import { times } from './products.ts';
import { unitRows } from './unit-rows.ts';

/**
 * Finds `v >= floor` with the least `v'Gv`. `Jᵀv` is then the projection of `Jᵀ floor` onto the directions that conflict with
 * no row of J, the cone dual to that of its rows (Quinton and Rey 2024, section 3). Rows of 0 keep their floor.
 */
export function leastAbove(gram: Matrix, floor: Float64Array): Float64Array {
  const { rows, lengths, cosines } = unitRows(gram);
  const base = Float64Array.from(rows, (row, i) => floor[row]! * lengths[i]!);
  const additions = nonNegative(
    cosines,
    times(cosines, base).map((slope) => -slope),
  );
  const weights = Float64Array.from(floor);
  rows.forEach((row, i) => {
    weights[row]! += additions[i]! / lengths[i]!;
  });
  return weights;
}
