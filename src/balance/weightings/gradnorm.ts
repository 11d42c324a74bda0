import type { z } from 'zod';
import type { WeightMethod } from '../method.ts';
import { notNegative, oneOf, optimizer, optionsOf, positive } from '../options.ts';
import { Descent, type DescentState } from './descent.ts';
import { bounded, checkLosses, saved, softmax, squaredNorms } from './parts.ts';

const options = optionsOf('gradnorm', {
  /** α: how strongly a task that lags behind is favoured. */
  alpha: notNegative.default(1.5),
  /** `paper`: the weights move, and are scaled to sum to K; `softmax`: logits move, the weights are K softmax(logits). */
  form: oneOf('paper', 'softmax').default('paper'),
  /** Of the weights or logits. */
  learningRate: positive.default(0.025),
  /** That moves them. */
  optimizer: optimizer.default('sgd'),
});

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
 * move in the step that records the first losses. A task whose loss is exactly 0 (no labels in the step) is left out of
 * means and moves, and its L(0) is its first loss that is not 0.
 */
export const gradnorm: WeightMethod<z.infer<typeof options>> = {
  name: 'gradnorm',
  kind: 'weighting',
  paper:
    'Chen et al. 2018, GradNorm: gradient normalization for adaptive loss balancing in deep multitask networks, ICML',
  options,
  needs: ['losses', 'gram'],
  cost: 'a backward pass a task; a few numbers a task',
  verified: 'trajectories from outside in both forms; softmax also those of LibMTL',

  create({ alpha, form, ...descent }, tasks) {
    const mover = new Descent(descent, tasks);
    let values: Float64Array = new Float64Array(tasks).fill(1);
    /** First losses; 0 for a task that had none yet. */
    let first: Float64Array = new Float64Array(tasks);
    const factors = () => (form === 'paper' ? values.slice() : softmax(values).map((share) => tasks * share));

    /** Derivatives of `Σ |G_k - Ḡ r_k^α|` by the weights, 0 for a task that is not present. */
    function slopes(weights: Float64Array, norms: Float64Array, losses: Float64Array): Float64Array {
      const present = [...losses.keys()].filter((k) => losses[k] !== 0);
      const mean = (of: (k: number) => number) => present.reduce((sum, k) => sum + of(k), 0) / present.length;
      const progress = losses.map((loss, k) => Math.max(1e-100, bounded(loss / first[k]!)));
      const [norm, rate] = [mean((k) => weights[k]! * norms[k]!), mean((k) => progress[k]!)];
      return losses.map((loss, k) => {
        if (loss === 0) return 0;
        const target = norm * bounded((progress[k]! / rate) ** alpha);
        return Math.sign(weights[k]! * norms[k]! - target) * norms[k]!;
      });
    }

    return {
      beforehand: factors,
      weights({ losses, gram }) {
        checkLosses('gradnorm', losses, tasks);
        const norms = squaredNorms('gradnorm', gram, tasks).map(Math.sqrt);
        const weights = factors();
        const begins = losses.some((loss, k) => loss !== 0 && first[k] === 0);
        first = first.map((value, k) => value || losses[k]!);
        const slope = slopes(weights, norms, losses);
        const moving = (of: (k: number) => number) => Array.from(losses, (loss, k) => (loss === 0 ? undefined : of(k)));
        if (form === 'paper') {
          mover.move(
            values,
            moving((k) => slope[k]!),
          );
          values = scaled(values, losses);
        } else if (!begins) {
          // The derivative of K softmax: w_k (slope_k - Σ_j softmax_j slope_j).
          const mean = slope.reduce((sum, value, k) => sum + (weights[k]! / tasks) * value, 0);
          mover.move(
            values,
            moving((k) => weights[k]! * (slope[k]! - mean)),
          );
        }
        return weights;
      },
      state: () => ({ values: [...values], first: [...first], mover: mover.state() }),
      restore(state) {
        const from = state as unknown as { values: number[]; first: number[]; mover: DescentState };
        values = saved('gradnorm', from.values, tasks);
        first = saved('gradnorm', from.first, tasks);
        mover.restore('gradnorm', from.mover);
      },
    };
  },
};

/** Weights above 0 that sum to their number; those of tasks that are not present stay as they are. */
function scaled(weights: Float64Array, losses: Float64Array): Float64Array {
  const floored = weights.map((weight, k) => (losses[k] === 0 ? weight : Math.max(SMALLEST, weight)));
  const sum = (present: boolean) =>
    floored.reduce((total, weight, k) => ((losses[k] !== 0) === present ? total + weight : total), 0);
  const scale = (weights.length - sum(false)) / sum(true);
  return floored.map((weight, k) => (losses[k] === 0 ? weight : weight * scale));
}
