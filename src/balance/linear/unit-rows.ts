import type { Matrix } from '../method.ts';

/** The gradients that are not 0, at unit length. */
export interface UnitRows {
  /** The positions of these gradients. */
  readonly rows: readonly number[];
  /** Their lengths before. */
  readonly lengths: Float64Array;
  /** Their products with each other. */
  readonly cosines: Matrix;
}

export function unitRows(gram: Matrix): UnitRows {
  const rows = gram.map((_, i) => i).filter((i) => gram[i]![i]! > 0);
  const lengths = Float64Array.from(rows, (i) => Math.sqrt(gram[i]![i]!));
  const cosines = rows.map((i, a) => rows.map((j, b) => (a === b ? 1 : gram[i]![j]! / lengths[a]! / lengths[b]!)));
  return { rows, lengths, cosines };
}

/** Turns factors of unit rows into factors of the gradients; 0 for those that are 0. */
export function toGradients({ rows, lengths }: UnitRows, factors: Float64Array, tasks: number): Float64Array {
  const weights = new Float64Array(tasks);
  rows.forEach((row, i) => {
    weights[row] = factors[i]! / lengths[i]!;
  });
  return weights;
}
