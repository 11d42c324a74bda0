import { positive } from '../../check.ts';
import { gramMethod } from '../define.ts';
import { GRADIENT_PER_TASK, VECTORS } from './facts.ts';
import { fairWeights } from './fair-weights.ts';

/**
 * α-fair updates: w > 0 with G w = w^(-1/α) (Ban and Ji 2024, algorithm 1); 1 is Nash-MTL without its bound, large α
 * looks to the task that gains least. Solved by Newton's method on the convex function whose minimum this is, where the
 * authors use non-linear least squares. Gradients of 0 and gradients without a solution: as in `nash-mtl`.
 */
export const fairgrad = gramMethod({
  kind: 'fairgrad',
  about: 'Takes the update that shares the progress among the tasks by alpha-fairness.',
  balances: 'gradients',
  paper: 'Ban, Ji 2024, Fair Resource Allocation in Multi-Task Learning, ICML',
  needs: ['gram'],
  properties: ['non-conflicting', 'permutation-invariant'],
  cost: GRADIENT_PER_TASK,
  verified: `${VECTORS}, alpha = 0.5, 1 and 2`,
  options: {
    alpha: positive
      .default(1)
      .describe('α: 1 as nash-mtl without its bound; the larger, the more for the task that gains least'),
  },
  create: ({ alpha }) => ({ weights: ({ gram }) => fairWeights(gram!, 1 / alpha) }),
});
