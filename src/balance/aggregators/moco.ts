import { z } from 'zod';
import { notNegative, share } from '../../check.ts';
import { gramMethod } from '../define.ts';
import { times } from '../linear/products.ts';
import { toSimplex } from '../linear/simplex.ts';
import { savedState } from '../saved.ts';
import { moveShares, sharesOf, takingPart } from '../taking-part.ts';
import { GRADIENT_PER_TASK } from './facts.ts';

const saved = z.object({ weights: z.array(z.number()), begun: z.array(z.number()) });

/**
 * Corrected multi-gradients: moving averages y_k of the gradients stand in for them, y ← y - β (y - g); the weights
 * follow λ ← Π(λ - γ (Yᵀ Y + ρ I) λ) on the simplex; the update is Y λ (Fernando et al. 2023, algorithm 1). Rates fall
 * as `beta / step^betaDecay` and `gamma / step^gammaDecay`, the defaults of LibMTL, which has a softmax for Π and
 * scales gradients to the length of their losses; here it is the paper's. An average begins as its task's first
 * gradient and stands still where the task takes no part; the lengths are not bounded.
 */
export const moco = gramMethod({
  kind: 'moco',
  about: 'Moves weights towards the shortest combination of moving averages of the gradients.',
  balances: 'gradients',
  paper:
    'Fernando, Shen, Liu, Chaudhury, Murugesan, Chen 2023, Mitigating Gradient Bias in Multi-objective Learning: A Provably Convergent Approach, ICLR',
  needs: ['gram', 'average'],
  properties: ['permutation-invariant'],
  cost: `${GRADIENT_PER_TASK}, and their moving averages`,
  verified: 'two steps worked by hand from algorithm 1',
  options: {
    beta: share.default(0.5).describe('β: how far an average moves towards the newest gradient, in the first step'),
    betaDecay: notNegative.default(0.5).describe('beta is divided by the step to the power of this'),
    gamma: notNegative.default(0.1).describe('γ: the learning rate of the weights, in the first step'),
    gammaDecay: notNegative.default(0.5).describe('gamma is divided by the step to the power of this'),
    rho: notNegative.default(0).describe('ρ: how strongly the weights are drawn towards equal ones'),
  },
  create({ beta, betaDecay, gamma, gammaDecay, rho }, tasks) {
    let weights: Float64Array = new Float64Array(tasks).fill(1 / tasks);
    /** Tasks whose average has begun. */
    const begun = new Set<number>();
    return {
      averagingRates: ({ step, ...statistics }) =>
        Float64Array.from(takingPart(statistics, tasks), (task) => (begun.has(task) ? beta / step ** betaDecay : 1)),
      weights({ gram, step, ...statistics }) {
        const present = takingPart(statistics, tasks);
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
});
