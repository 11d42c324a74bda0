import { z } from 'zod';
import { notNegative } from '../../check.ts';
import { gramMethod } from '../define.ts';
import { times } from '../linear/products.ts';
import { toSimplex } from '../linear/simplex.ts';
import { savedState } from '../saved.ts';
import { moveShares, sharesOf, takingPart } from '../taking-part.ts';
import { GRADIENT_PER_TASK } from './facts.ts';
import { inBoth } from './in-both.ts';

const saved = z.array(z.number());

/**
 * Double sampling: λ ← Π(λ - γ (G₁ᵀ G₂ + ρ I) λ) on the simplex with the gradients of two batches, whose product is an
 * unbiased slope (Chen et al. 2023, algorithm 1). The paper draws a third batch for the update; here it is the first.
 * `gamma` has the scale of 1 / |g|². Defaults as in LibMTL.
 */
export const modo = gramMethod({
  kind: 'modo',
  about: 'Moves weights towards the shortest combination of the gradients, by the products of two batches.',
  balances: 'gradients',
  paper:
    'Chen, Fernando, Ying, Chen 2023, Three-Way Trade-Off in Multi-Objective Learning: Optimization, Generalization and Conflict-Avoidance, NeurIPS',
  needs: ['second-batch'],
  properties: ['permutation-invariant'],
  cost: `${GRADIENT_PER_TASK}; all of it twice, for a second batch`,
  verified: 'two steps worked by hand from algorithm 1',
  options: {
    gamma: notNegative.default(0.001).describe('γ: the learning rate of the weights; it has the scale of 1 / |g|²'),
    rho: notNegative.default(0.1).describe('ρ: how strongly the weights are drawn towards equal ones'),
  },
  create({ gamma, rho }, tasks) {
    let weights: Float64Array = new Float64Array(tasks).fill(1 / tasks);
    return {
      weights({ cross, ...statistics }) {
        const both = inBoth(cross!, statistics, tasks);
        weights = moveShares(weights, both.tasks, (shares) => {
          const slope = times(both.cross, shares);
          return toSimplex(shares.map((share, i) => share - gamma * (slope[i]! + rho * share)));
        });
        return sharesOf(weights, takingPart(statistics, tasks));
      },
      state: () => [...weights],
      restore: (state) => {
        weights = Float64Array.from(savedState('modo', saved, state));
      },
    };
  },
});
