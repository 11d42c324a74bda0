import { minimumNorm } from '../linear/minimum-norm.ts';
import type { GramMethod } from '../method.ts';
import { optionsOf } from '../options.ts';
import { PER_TASK, VECTORS } from './facts.ts';

const options = optionsOf('mgda', {});

/**
 * The shortest convex combination of the gradients (Désidéri 2012; Sener and Koltun 2018, equation 3): min |Σ w_i g_i|²
 * over the simplex. Solved exactly by an active set, where Sener and Koltun stop Frank and Wolfe's method early; the
 * gradients are not normalised first.
 */
export const mgda: GramMethod = {
  name: 'mgda',
  kind: 'aggregator',
  paper:
    'Désidéri 2012, Multiple-gradient descent algorithm (MGDA) for multiobjective optimization, Comptes Rendus Mathématique; Sener, Koltun 2018, Multi-Task Learning as Multi-Objective Optimization, NeurIPS',
  options,
  needs: ['gram'],
  cost: PER_TASK,
  verified: VECTORS,
  create: () => ({ weights: ({ gram }) => minimumNorm(gram!) }),
};
