import { finite } from '../../check.ts';
import { gramMethod } from '../define.ts';
import { square, times, total } from '../linear/products.ts';
import { pseudoSolve } from '../linear/pseudo-inverse.ts';
import { toGradients, unitRows } from '../linear/unit-rows.ts';
import { checkLength, perTask } from '../options.ts';
import { takingPart } from '../taking-part.ts';
import { GRADIENT_PER_TASK, VECTORS } from './facts.ts';

/**
 * Conflict-free inverse gradients: the direction pinv(unit gradients) w, as long as the sum of the gradients'
 * projections onto it (Liu et al. 2024, section 3). With w of ones, the default, its cosines with all gradients are
 * equal where they are independent; `prefVector` is another w. pinv(U) = Uᵀ pinv(U Uᵀ), so cosines are all it takes. A
 * gradient of 0 takes no part.
 */
export const configGrad = gramMethod({
  kind: 'config',
  about: 'Takes the direction that makes equal angles with all gradients.',
  balances: 'gradients',
  paper:
    'Liu, Chu, Thuerey 2024, ConFIG: Towards Conflict-free Training of Physics Informed Neural Networks, ICLR 2025',
  needs: ['gram'],
  properties: ['non-conflicting-if-independent', 'permutation-invariant', 'direction-scale-invariant', 'homogeneous'],
  cost: GRADIENT_PER_TASK,
  verified: `${VECTORS}, with and without preferences`,
  options: { prefVector: perTask(finite).describe('the cosines with the gradients, up to a factor; default 1 each') },
  create({ prefVector }, tasks) {
    if (prefVector !== undefined) checkLength('config: prefVector', prefVector, tasks, 'tasks');
    return {
      weights({ gram, rounding = Number.EPSILON, ...statistics }) {
        const present = takingPart(statistics, tasks);
        const unit = unitRows(gram!);
        const factors = pseudoSolve(
          unit.cosines,
          unit.rows.map((row) => prefVector?.[present[row]!] ?? 1),
          rounding,
        );
        const length = square(unit.cosines, factors);
        // Opposite gradients: what is left is rounding.
        if (!(length > rounding ** 1.5)) return new Float64Array(present.length);
        const projections = times(unit.cosines, factors).map((cosine, i) => cosine * unit.lengths[i]!);
        const scale = total(projections) / length;
        return toGradients(
          unit,
          factors.map((factor) => factor * scale),
          present.length,
        );
      },
    };
  },
});
