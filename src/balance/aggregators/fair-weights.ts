import { inversePower } from '../linear/inverse-power.ts';
import { toGradients, unitRows } from '../linear/unit-rows.ts';
import type { Matrix } from '../method.ts';

/**
 * `w > 0` with `(G w)_i = w_i^(-power)`; 0 for gradients of 0. In factors β of unit gradients, w = β / d with lengths
 * d, this is `(C β)_i = d_i^(power - 1) β_i^(-power)`: for power 1 the lengths drop out. The common scale s of the
 * lengths is taken out first; it comes back as `s^(-2 / (1 + power))`.
 */
export function fairWeights(gram: Matrix, power: number): Float64Array {
  const tasks = gram.length;
  const unit = unitRows(gram);
  const { lengths, cosines } = unit;
  if (lengths.length === 0) return new Float64Array(tasks);
  const scale = Math.exp(lengths.reduce((sum, length) => sum + Math.log(length), 0) / lengths.length);
  const scales = lengths.map((length) => (length / scale) ** (power - 1));
  const back = scale * scale ** (-2 / (1 + power));
  const factors = inversePower(cosines, scales, power).map((factor) => factor * back);
  return toGradients(unit, factors, tasks);
}
