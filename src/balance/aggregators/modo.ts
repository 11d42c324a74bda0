import { z } from 'zod';
import { times } from '../linear/products.ts';
import { toSimplex } from '../linear/simplex.ts';
import type { GramMethod } from '../method.ts';
import { notNegative, optionsOf } from '../options.ts';
import { savedState } from '../saved.ts';
import { moveShares, sharesOf, takingPart } from '../taking-part.ts';
import { PER_TASK } from './facts.ts';
import { inBoth } from './in-both.ts';

const options = optionsOf('modo', { gamma: notNegative.default(0.001), rho: notNegative.default(0.1) });
const saved = z.array(z.number());

/**
 * Double sampling: λ ← Π(λ - γ (G₁ᵀ G₂ + ρ I) λ) on the simplex with the gradients of two batches, whose product is an
 * unbiased slope (Chen et al. 2023, algorithm 1). The paper draws a third batch for the update; here it is the first.
 * `gamma` has the scale of 1 / |g|². Defaults as in LibMTL.
 */
export const modo: GramMethod<z.infer<typeof options>> = {
  name: 'modo',
  kind: 'aggregator',
  paper:
    'Chen, Fernando, Ying, Chen 2023, Three-Way Trade-Off in Multi-Objective Learning: Optimization, Generalization and Conflict-Avoidance, NeurIPS',
  options,
  needs: ['second-batch'],
  cost: `${PER_TASK}; all of it twice, for a second batch`,
  verified: 'two steps worked by hand from algorithm 1',
  create({ gamma, rho }, tasks) {
    let weights: Float64Array = new Float64Array(tasks).fill(1 / tasks);
    return {
      weights({ cross, ...given }) {
        const both = inBoth(cross!, given, tasks);
        weights = moveShares(weights, both.tasks, (shares) => {
          const slope = times(both.cross, shares);
          return toSimplex(shares.map((share, i) => share - gamma * (slope[i]! + rho * share)));
        });
        return sharesOf(weights, takingPart(given, tasks));
      },
      state: () => [...weights],
      restore: (state) => {
        weights = Float64Array.from(savedState('modo', saved, state));
      },
    };
  },
};
