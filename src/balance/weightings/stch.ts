import * as tf from '@tensorflow/tfjs';
import { finite, flag, positive } from '../../check.ts';
import { detached } from '../../runtime/index.ts';
import { gramMethod } from '../define.ts';
import { perTask } from '../options.ts';
import { takingPart } from '../taking-part.ts';
import { bounded, checkLosses, LARGEST_FACTOR, numbersPerTask, softmaxOf } from './checks.ts';
import { softmaxInGraph } from './in-graph.ts';

/**
 * Smooth Tchebycheff scalarisation (Lin et al. 2024): the objective is `μ ln Σ_k exp(λ_k (f_k - z_k) / μ)`, a
 * smooth form of the largest of the `λ_k (f_k - z_k)`. Its derivative by f_k is `λ_k softmax(λ (f - z) / μ)_k`; that is the
 * factor for f = L, and divided by L_k for f = ln L.
 *
 * The paper's λ sums to 1; λ and μ times c give c times the objective, so that by default (1 each) the factors sum to 1. The
 * authors' program for networks takes ln(L_k / mean of L_k in its first epochs) and K times the objective: that is
 * `logarithm` with `ideal` the logarithms of those means, but for K. The sum is over the tasks that take part in a step. With
 * `logarithm` a loss of exactly 0 is left out too, and its factor is 0. No factor is larger than 1e30. Losses may be negative
 * unless `logarithm`.
 */
export const stch = gramMethod({
  kind: 'stch',
  about: 'Takes a smooth form of the largest loss.',
  balances: 'losses',
  paper: 'Lin et al. 2024, Smooth Tchebycheff scalarization for multi-objective optimization, ICML',
  needs: ['losses'],
  properties: ['permutation-invariant', 'positive'],
  cost: 'none',
  verified: 'one step by hand, and as the numerical derivative of the objective',
  options: {
    temperature: positive.default(1).describe('μ: towards 0 only the worst task counts'),
    preference: perTask(positive).describe('λ: how much each task counts; default 1 each'),
    ideal: perTask(finite).describe('z: the best value that each f can have; default 0 each'),
    logarithm: flag.default(false).describe('f = ln L in place of f = L, so that no scale of a loss counts'),
  },
  create({ temperature, preference, ideal, logarithm }, tasks) {
    const lambda = numbersPerTask('stch: preference', preference, tasks, 1);
    const best = numbersPerTask('stch: ideal', ideal, tasks, 0);
    return {
      weights(statistics) {
        const { losses } = statistics;
        const present = takingPart(statistics, tasks);
        checkLosses('stch', losses, present.length, !logarithm);
        const exponents = losses.map((loss, i) => {
          const k = present[i]!;
          return bounded((lambda[k]! * ((logarithm ? Math.log(loss) : loss) - best[k]!)) / temperature);
        });
        const counted = logarithm ? losses : losses.map(() => 1);
        return softmaxOf(exponents, counted).map((share, i) => {
          const factor = lambda[present[i]!]! * share;
          return Math.min(logarithm && factor > 0 ? factor / losses[i]! : factor, LARGEST_FACTOR);
        });
      },
      inGraph: (losses, _, taking) =>
        tf.tidy(() => {
          const present = logarithm ? losses.notEqual(0).cast('float32') : taking; // [tasks]
          const safe = losses.add(tf.sub(1, present)); // [tasks]
          const [scale, ideals] = [tf.tensor1d([...lambda]), tf.tensor1d([...best])]; // [tasks]
          const objective = logarithm ? safe.log() : safe; // [tasks]
          const exponents = objective.sub(ideals).mul(scale).div(temperature); // [tasks]
          const share = softmaxInGraph(exponents, present); // [tasks]
          const factors = share.mul(scale); // [tasks]
          const derivative = logarithm ? factors.div(safe) : factors; // [tasks]
          return detached(derivative.minimum(LARGEST_FACTOR) as tf.Tensor1D);
        }),
    };
  },
});
