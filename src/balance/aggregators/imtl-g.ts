import { gramMethod } from '../define.ts';
import { solvePositive } from '../linear/cholesky.ts';
import { rankOf, symmetricEigen } from '../linear/eigen.ts';
import { total } from '../linear/products.ts';
import { pseudoSolve } from '../linear/pseudo-inverse.ts';
import { toGradients, unitRows } from '../linear/unit-rows.ts';
import type { Matrix } from '../method.ts';
import { GRADIENT_PER_TASK, VECTORS } from './facts.ts';

/** Below this share of its parts a sum counts as 0. */
const ZERO = 1e-10;

/**
 * Impartial learning on gradients: weights of sum 1 that give the update equal projections onto all gradients (Liu et
 * al. 2021, section 3.1: u·g_i/|g_i| the same for all i). They solve G α = d up to a factor, d the lengths: α = G⁻¹ d /
 * Σ. Computed from cosines, hence the same direction whatever the gradients' lengths; where they depend on each other,
 * with the pseudo-inverse of G as in TorchJD. 0 where no such weights exist (opposite gradients). A gradient of 0 has
 * weight 0.
 */
export const imtlG = gramMethod({
  kind: 'imtl-g',
  about: 'Takes the update whose projections onto all gradients are equal.',
  balances: 'gradients',
  paper: 'Liu, Li, Kuang, Xue, Chen, Yang, Liao, Zhang 2021, Towards Impartial Multi-task Learning, ICLR',
  needs: ['gram'],
  properties: ['permutation-invariant', 'direction-scale-invariant', 'homogeneous'],
  cost: GRADIENT_PER_TASK,
  verified: VECTORS,
  options: {},
  create: () => ({
    weights({ gram, rounding }) {
      const raw = equalProjections(gram!, rounding);
      const sum = total(raw);
      if (Math.abs(sum) <= ZERO * total(raw.map(Math.abs))) return new Float64Array(raw.length);
      return raw.map((weight) => weight / sum);
    },
  }),
});

function equalProjections(gram: Matrix, rounding?: number): Float64Array {
  const tasks = gram.length;
  const unit = unitRows(gram);
  const ones = new Float64Array(unit.rows.length).fill(1);
  // Products that were rounded more than here may look independent and not be.
  const sure = rounding === undefined || rankOf(symmetricEigen(unit.cosines).values, rounding) === unit.rows.length;
  const factors = sure ? solvePositive(unit.cosines, ones) : undefined;
  if (factors !== undefined) return toGradients(unit, factors, tasks);
  const lengths = Float64Array.from(gram, (row, i) => Math.sqrt(Math.max(0, row[i]!)));
  const weights = pseudoSolve(gram, lengths, rounding);
  // Lengths at right angles to all that G can give: what is left is rounding.
  const reached = gram.reduce(
    (sum, row) => sum + row.reduce((all, product, j) => all + product * weights[j]!, 0) ** 2,
    0,
  );
  const wanted = lengths.reduce((sum, length) => sum + length ** 2, 0);
  return Math.sqrt(reached) <= ZERO * Math.sqrt(wanted) ? new Float64Array(tasks) : weights;
}
