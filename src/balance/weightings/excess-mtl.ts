import { z } from 'zod';
import { count, positive } from '../../check.ts';
import { gramMethod } from '../define.ts';
import { savedNumbers, savedState } from '../saved.ts';
import { pick, takingPart } from '../taking-part.ts';
import { bounded, saved, softmax, squaredNorms } from './checks.ts';

/**
 * Excess MTL (He et al. 2024): a task counts by its excess risk, how far its loss is from the best that could be had. The
 * paper estimates it (equations 6 and 7) by `E_k = g_kᵀ H_k⁻¹ g_k` with the diagonal
 * `H_k = diag(sqrt(Σ_τ g_k,τ²))`, the squares taken coordinate by coordinate over all steps so far; divides it by the task's
 * first (appendix C.1); and moves the weights by `w_k ∝ w_k exp(η E_k)` (equation 9). They sum to 1, and the update takes
 * them after they moved.
 *
 * This is an approximation from norms of gradients alone: H_k is a multiple of the identity with the same trace of squares,
 * `H_k = sqrt(Σ_τ |g_k,τ|² / P)`, so that `E_k = sqrt(P) |g_k|² / sqrt(Σ_τ |g_k,τ|²)`, and the unknown sqrt(P) goes with the
 * division. It is exact where all coordinates of a gradient have the same size. Lost is which coordinates were often large:
 * the paper counts a gradient less where earlier ones were large too. A task whose gradient is 0
 * keeps its state, and its share changes only as others' do. The weights of the tasks that take part in a step sum to 1.
 */
export const excessMtl = gramMethod({
  kind: 'excess-mtl',
  about: 'Favours the tasks that are far from the best loss that they could have.',
  balances: 'losses',
  paper: 'He et al. 2024, Robust multi-task learning with excess risks, ICML',
  needs: ['gram'],
  properties: ['permutation-invariant', 'positive'],
  cost: 'a backward pass a task; four numbers a task',
  verified:
    "an approximation from the gradients' norms; against the paper's formula, worked by hand, where coordinates have one size",
  options: {
    stepSize: positive.default(0.01).describe('η: how fast the weights move'),
    warmup: count
      .default(1)
      .describe("so many steps with equal weights, whose mean excess risk is the unit of a task's later ones"),
  },
  create({ stepSize, warmup }, tasks) {
    const none = (): Float64Array => new Float64Array(tasks);
    let [logits, squares, unit, steps] = [none(), none(), none(), none()];
    return {
      weights(statistics) {
        const present = takingPart(statistics, tasks);
        const norms = squaredNorms('excess-mtl', statistics.gram, present.length).map((square) => bounded(square));
        for (const [i, square] of norms.entries()) {
          const k = present[i]!;
          squares[k] = bounded(squares[k]! + square);
          if (square === 0) continue;
          const risk = square / Math.sqrt(squares[k]!);
          if (steps[k]! < warmup) {
            unit[k]! += risk / warmup;
            steps[k]!++;
          } else logits[k]! += bounded(stepSize * bounded(risk / unit[k]!));
        }
        const largest = Math.max(...logits);
        logits = logits.map((logit) => logit - largest);
        return softmax(pick(logits, present));
      },
      state: () => ({ logits: [...logits], squares: [...squares], unit: [...unit], steps: [...steps] }),
      restore(state) {
        const numbers = savedNumbers;
        const schema = z.object({ logits: numbers, squares: numbers, unit: numbers, steps: numbers });
        const from = savedState('excess-mtl', schema, state);
        logits = saved('excess-mtl', from.logits, tasks);
        squares = saved('excess-mtl', from.squares, tasks);
        unit = saved('excess-mtl', from.unit, tasks);
        steps = saved('excess-mtl', from.steps, tasks);
      },
    };
  },
});
