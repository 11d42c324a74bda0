import * as tf from '@tensorflow/tfjs';
import { detached } from '../../runtime/index.ts';
import { gramMethod } from '../define.ts';
import { takingPart } from '../taking-part.ts';
import { checkLosses, LARGEST_FACTOR } from './checks.ts';

/**
 * Geometric loss strategy (Chennupati et al. 2019): the objective is the geometric mean of the losses,
 * `(Π L_k)^(1/K)`. Its derivative by L_k, the factor, is `objective / (K L_k)`; the factors have no fixed sum.
 *
 * K counts the tasks that take part in a step. A loss of exactly 0, at which the derivative has no end, is left out of the product
 * and of K, and its factor is 0. No factor is larger than 1e30.
 */
export const gls = gramMethod({
  kind: 'gls',
  about: 'Takes the geometric mean of the losses.',
  balances: 'losses',
  paper:
    'Chennupati et al. 2019, MultiNet++: multi-stream feature aggregation and geometric loss strategy for multi-task learning, CVPR workshops',
  needs: ['losses'],
  properties: ['permutation-invariant', 'positive'],
  cost: 'none',
  verified: 'trajectories from outside, those of LibMTL',
  options: {},
  create(_options, tasks) {
    return {
      weights({ losses, ...statistics }) {
        checkLosses('gls', losses, takingPart(statistics, tasks).length);
        const logarithms = losses.map((loss) => (loss === 0 ? 0 : Math.log(loss)));
        const present = losses.filter((loss) => loss !== 0).length;
        const mean = logarithms.reduce((a, b) => a + b, 0) / Math.max(1, present);
        return logarithms.map((logarithm, k) =>
          losses[k] === 0 ? 0 : Math.min(Math.exp(mean - logarithm) / present, LARGEST_FACTOR),
        );
      },
      inGraph: (losses) =>
        tf.tidy(() => {
          // A task that takes no part has a loss of 0 too.
          const present = losses.notEqual(0).cast('float32'); // [tasks]
          const logarithms = losses.add(tf.sub(1, present)).log(); // [tasks]
          const counted = present.sum().maximum(1); // []
          const mean = logarithms.sum().div(counted); // []
          const factors = mean.sub(logarithms).exp().div(counted).minimum(LARGEST_FACTOR); // [tasks]
          return detached(factors.mul(present) as tf.Tensor1D);
        }),
    };
  },
});
