import { z } from 'zod';
import { times } from '../linear/products.ts';
import { toSimplex } from '../linear/simplex.ts';
import type { GramMethod } from '../method.ts';
import { notNegative, optionsOf, share } from '../options.ts';
import { savedState } from '../saved.ts';
import { moveShares, sharesOf, takingPart } from '../taking-part.ts';
import { PER_TASK } from './facts.ts';

const options = optionsOf('moco', {
  beta: share.default(0.5),
  betaDecay: notNegative.default(0.5),
  gamma: notNegative.default(0.1),
  gammaDecay: notNegative.default(0.5),
  rho: notNegative.default(0),
});
const saved = z.object({ weights: z.array(z.number()), begun: z.array(z.number()) });

/**
 * Corrected multi-gradients: moving averages y_k of the gradients stand in for them, y ← y - β (y - g); the weights
 * follow λ ← Π(λ - γ (Yᵀ Y + ρ I) λ) on the simplex; the update is Y λ (Fernando et al. 2023, algorithm 1). Rates fall
 * as `beta / step^betaDecay` and `gamma / step^gammaDecay`, the defaults of LibMTL, which has a softmax for Π and
 * scales gradients to the length of their losses; here it is the paper's. An average begins as its task's first
 * gradient and stands still where the task takes no part; the lengths are not bounded.
 */
export const moco: GramMethod<z.infer<typeof options>> = {
  name: 'moco',
  kind: 'aggregator',
  paper:
    'Fernando, Shen, Liu, Chaudhury, Murugesan, Chen 2023, Mitigating Gradient Bias in Multi-objective Learning: A Provably Convergent Approach, ICLR',
  options,
  needs: ['gram', 'average'],
  cost: `${PER_TASK}, and their moving averages`,
  verified: 'two steps worked by hand from algorithm 1',
  create({ beta, betaDecay, gamma, gammaDecay, rho }, tasks) {
    let weights: Float64Array = new Float64Array(tasks).fill(1 / tasks);
    /** Tasks whose average has begun. */
    const begun = new Set<number>();
    return {
      averagingRates: ({ step, ...given }) =>
        Float64Array.from(takingPart(given, tasks), (task) => (begun.has(task) ? beta / step ** betaDecay : 1)),
      weights({ gram, step, ...given }) {
        const present = takingPart(given, tasks);
        for (const task of present) begun.add(task);
        const rate = gamma / step ** gammaDecay;
        weights = moveShares(weights, present, (shares) => {
          const slope = times(gram!, shares);
          return toSimplex(shares.map((share, i) => share - rate * (slope[i]! + rho * share)));
        });
        return sharesOf(weights, present);
      },
      state: () => ({ weights: [...weights], begun: [...begun] }),
      restore: (state) => {
        const { weights: shares, begun: tasks } = savedState('moco', saved, state);
        weights = Float64Array.from(shares);
        begun.clear();
        for (const task of tasks) begun.add(task);
      },
    };
  },
};
