import { z } from 'zod';
import { notNegative, oneOf, positive } from '../../check.ts';
import { gramMethod } from '../define.ts';
import { optimizer } from '../options.ts';
import { savedNumbers, savedState } from '../saved.ts';
import { pick, put, takingPart } from '../taking-part.ts';
import { bounded, checkLosses, saved, softmax, squaredNorms } from './checks.ts';
import { Descent, descentState } from './descent.ts';

/** A step that would take a weight below this ends here. */
const SMALLEST = 1e-3;

/**
 * GradNorm (Chen et al. 2018, equations 1 and 2, algorithm 1). With the norms of the weighted gradients `G_k = w_k |g_k|`,
 * their mean Ḡ and the inverse training rates `r_k = (L_k / L_k(0)) / mean of those`, the weights move down the gradient of
 * `Σ_k |G_k - Ḡ r_k^α|` with the targets held constant: `sign(G_k - Ḡ r_k^α) |g_k|`. The update takes the weights from before
 * they move; they sum to K.
 *
 * The norms are those of the gradients that are balanced (by default the whole trunk), where the paper takes its last shared
 * layer. A weight stays above 0: it moves to 1e-3 at least before all are scaled. As in LibMTL the softmax form does not
 * move in the step that records the first losses. In a step K counts the tasks that take part, whose weights then sum to K; their
 * part of the sum of all stays theirs. L(0) is a task's first loss that is not 0.
 */
export const gradnorm = gramMethod({
  kind: 'gradnorm',
  about: 'Learns weights that give each gradient a norm by how far its task lags behind.',
  balances: 'losses',
  paper:
    'Chen et al. 2018, GradNorm: gradient normalization for adaptive loss balancing in deep multitask networks, ICML',
  needs: ['losses', 'gram'],
  properties: ['permutation-invariant', 'positive'],
  cost: 'a backward pass a task; a few numbers a task',
  verified: 'trajectories from outside in both forms; softmax also those of LibMTL',
  options: {
    alpha: notNegative.default(1.5).describe('α: how strongly a task that lags behind is favoured'),
    form: oneOf('paper', 'softmax')
      .default('paper')
      .describe(
        'paper: weights move, and are scaled to sum to K; softmax: logits move, the weights are K softmax(logits)',
      ),
    learningRate: positive.default(0.025).describe('the learning rate of the weights or logits'),
    optimizer: optimizer.default('sgd').describe('what moves the weights or logits'),
  },
  create({ alpha, form, ...descent }, tasks) {
    const mover = new Descent(descent, tasks);
    let values: Float64Array = new Float64Array(tasks).fill(1);
    /** First losses; 0 for a task that had none yet. */
    let first: Float64Array = new Float64Array(tasks);
    /** Weights of these tasks as if there were no others. */
    const factors = (present: readonly number[]) => {
      const chosen = pick(values, present);
      if (form === 'softmax') return softmax(chosen).map((share) => present.length * share);
      return present.length === tasks ? chosen : chosen.map((weight) => (weight * present.length) / sum(chosen));
    };

    /** Derivatives of `Σ |G_k - Ḡ r_k^α|` by the weights of these tasks. */
    function slopes(present: readonly number[], weights: Float64Array, norms: Float64Array, losses: Float64Array) {
      const mean = (term: (i: number) => number) => present.reduce((sum, _, i) => sum + term(i), 0) / present.length;
      // A loss that begins at 0 cannot fall.
      const progress = losses.map((loss, i) => {
        const begin = first[present[i]!]!;
        return begin === 0 ? 1 : Math.max(1e-100, bounded(loss / begin));
      });
      const [norm, rate] = [mean((i) => weights[i]! * norms[i]!), mean((i) => progress[i]!)];
      return losses.map((_, i) => {
        const target = norm * bounded((progress[i]! / rate) ** alpha);
        return Math.sign(weights[i]! * norms[i]! - target) * norms[i]!;
      });
    }

    return {
      factorsBefore: (statistics) => factors(takingPart(statistics, tasks)),
      weights(statistics) {
        const { losses } = statistics;
        const present = takingPart(statistics, tasks);
        checkLosses('gradnorm', losses, present.length);
        const norms = squaredNorms('gradnorm', statistics.gram, present.length).map(Math.sqrt);
        const weights = factors(present);
        const begins = losses.some((loss, i) => loss !== 0 && first[present[i]!] === 0);
        for (const [i, k] of present.entries()) first[k] ||= losses[i]!;
        const slope = slopes(present, weights, norms, losses);
        if (form === 'paper') {
          const moved = put(values, present, weights);
          mover.move(moved, present, slope);
          const part = sum(pick(values, present));
          const scaled = scale(pick(moved, present));
          values = put(
            values,
            present,
            present.length === tasks ? scaled : scaled.map((weight) => (weight * part) / present.length),
          );
        } else if (!begins) {
          // The derivative of K softmax: w_k (slope_k - Σ_j softmax_j slope_j).
          const mean = slope.reduce((sum, value, i) => sum + (weights[i]! / present.length) * value, 0);
          mover.move(
            values,
            present,
            weights.map((weight, i) => weight * (slope[i]! - mean)),
          );
        }
        return weights;
      },
      state: () => ({ values: [...values], first: [...first], mover: mover.state() }),
      restore(state) {
        const schema = z.object({ values: savedNumbers, first: savedNumbers, mover: descentState });
        const from = savedState('gradnorm', schema, state);
        values = saved('gradnorm', from.values, tasks);
        first = saved('gradnorm', from.first, tasks);
        mover.restore('gradnorm', from.mover);
      },
    };
  },
});

const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);

/** Weights above 0 that sum to their number. */
function scale(weights: Float64Array): Float64Array {
  const floored = weights.map((weight) => Math.max(SMALLEST, weight));
  const factor = weights.length / sum(floored);
  return floored.map((weight) => weight * factor);
}
