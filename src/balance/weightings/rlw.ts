import { oneOf, positive } from '../../check.ts';
import type { RandomStream } from '../../random/stream.ts';
import { gramMethod } from '../define.ts';
import type { StepStatistics } from '../method.ts';
import { takingPart } from '../taking-part.ts';
import { softmax } from './checks.ts';

/**
 * Random loss weighting (Lin et al. 2022): factors are drawn anew in each step, `softmax` of standard normal
 * numbers, or from a Dirichlet distribution; they sum to 1.
 *
 * A draw from a Dirichlet distribution lies on the simplex and is taken as it is (LibMTL puts it through a softmax too). The
 * draws are a function of the step alone, so that there is no state.
 */
export const rlw = gramMethod({
  kind: 'rlw',
  about: 'Draws the weights of the losses anew in each step.',
  balances: 'losses',
  paper: 'Lin et al. 2022, Reasonable effectiveness of random weighting: a litmus test for multi-task learning, TMLR',
  needs: [],
  properties: ['positive'],
  cost: 'none',
  verified: 'means and variances of the draws against those of the distributions',
  options: {
    distribution: oneOf('normal', 'dirichlet').default('normal').describe('what the factors are drawn from'),
    concentration: positive
      .default(1)
      .describe('of the Dirichlet distribution: 1 is uniform on the simplex; the larger, the more even'),
  },
  create({ distribution, concentration }, tasks) {
    const factors = ({ random, ...statistics }: Pick<StepStatistics, 'random' | 'tasks'>) =>
      softmax(
        Float64Array.from(takingPart(statistics, tasks), () =>
          distribution === 'normal' ? random.normal() : logGamma(random, concentration),
        ),
      );
    return { weights: factors, factorsBefore: factors };
  },
});

/**
 * Logarithm of a draw from the gamma distribution of this shape and scale 1 (Marsaglia and Tsang 2000, with their section 6
 * for a shape below 1): normalised gamma draws are a Dirichlet draw, and logarithms of small ones do not become 0.
 */
function logGamma(random: RandomStream, shape: number): number {
  if (shape < 1) return logGamma(random, shape + 1) + Math.log(1 - random.uniform()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(random.uniform()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return Math.log(d * v);
  }
}
