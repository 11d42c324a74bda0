import { z } from 'zod';
import { count, notNegative } from '../../check.ts';
import { gramMethod } from '../define.ts';
import { times, total } from '../linear/products.ts';
import { toSimplex } from '../linear/simplex.ts';
import { savedState } from '../saved.ts';
import { moveShares, sharesOf, takingPart } from '../taking-part.ts';
import { GRADIENT_PER_TASK } from './facts.ts';
import { inBoth } from './in-both.ts';

const saved = z.array(z.number());

/**
 * Direction-oriented descent: the w of the simplex with the shortest g_w + λ g0, g0 the mean gradient, followed by
 * projected stochastic steps w ← Π(w - β G₁ᵀ(G₂ w + λ g0₂)) with gradients of two batches, so that the slope is
 * unbiased (Xiao et al. 2023, algorithm 1); w goes on from step to step. As in the authors' program the products are
 * divided by the square of the gradients' mean length, which makes `rate` (β) a number without a scale, and the update
 * by 1 + λ. The paper draws a third batch for the update; here it is the first.
 */
export const sdmgrad = gramMethod({
  kind: 'sdmgrad',
  about: 'Takes the shortest combination of the gradients that stays near their mean, by the products of two batches.',
  balances: 'gradients',
  paper:
    'Xiao, Ban, Ji 2023, Direction-oriented Multi-objective Learning: Simple and Provable Stochastic Algorithms, NeurIPS',
  needs: ['gram', 'second-batch'],
  properties: ['permutation-invariant'],
  cost: `${GRADIENT_PER_TASK}; all of it twice, for a second batch`,
  verified: 'two steps worked by hand from algorithm 1',
  options: {
    lambda: notNegative.default(0.3).describe('λ: how strongly the update is drawn towards the mean gradient'),
    rate: notNegative.default(0.5).describe('β: the learning rate of the weights'),
    iterations: count.default(20).describe('moves of the weights in a step'),
  },
  create({ lambda, rate, iterations }, tasks) {
    let weights: Float64Array = new Float64Array(tasks).fill(1 / tasks);
    return {
      weights({ gram, cross, ...statistics }) {
        const present = gram!.length;
        const length = total(gram!.map((row, i) => Math.sqrt(Math.max(0, row[i]!)))) / present;
        const both = inBoth(cross!, statistics, tasks);
        if (length > 0) {
          const scaled = both.cross.map((row) => row.map((product) => product / length / length));
          weights = moveShares(weights, both.tasks, (shares) => {
            let moved = shares;
            for (let iteration = 0; iteration < iterations; iteration++) {
              const slope = times(
                scaled,
                moved.map((share) => share + lambda / moved.length),
              );
              moved = toSimplex(moved.map((share, i) => share - rate * slope[i]!));
            }
            return moved;
          });
        }
        return sharesOf(weights, takingPart(statistics, tasks)).map(
          (share) => (share + lambda / present) / (1 + lambda),
        );
      },
      state: () => [...weights],
      restore: (state) => {
        weights = Float64Array.from(savedState('sdmgrad', saved, state));
      },
    };
  },
});
