import { gramMethod } from '../define.ts';
import { minimumNorm } from '../linear/minimum-norm.ts';
import { GRADIENT_PER_TASK, VECTORS } from './facts.ts';

/**
 * The shortest convex combination of the gradients (Désidéri 2012; Sener and Koltun 2018, equation 3): min |Σ w_i g_i|²
 * over the simplex. Solved exactly by an active set, where Sener and Koltun stop Frank and Wolfe's method early; the
 * gradients are not normalised first.
 */
export const mgda = gramMethod({
  kind: 'mgda',
  about: 'Takes the shortest convex combination of the gradients.',
  balances: 'gradients',
  paper:
    'Désidéri 2012, Multiple-gradient descent algorithm (MGDA) for multiobjective optimization, Comptes Rendus Mathématique; Sener, Koltun 2018, Multi-Task Learning as Multi-Objective Optimization, NeurIPS',
  needs: ['gram'],
  properties: ['non-conflicting', 'permutation-invariant', 'homogeneous'],
  cost: GRADIENT_PER_TASK,
  verified: VECTORS,
  options: {},
  create: () => ({ weights: ({ gram }) => minimumNorm(gram!) }),
});
