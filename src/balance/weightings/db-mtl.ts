import { gramMethod } from '../define.ts';
import { takingPart } from '../taking-part.ts';
import { checkLosses, LARGEST_FACTOR, squaredNorms } from './checks.ts';

/**
 * DB-MTL, dual-balancing (Lin et al. 2023, algorithm 1): gradients of the logarithms of the losses, `h_k = g_k / L_k`, are
 * averaged over steps, `ĝ_k = β ĝ_k + (1 - β) h_k`, and all scaled to the norm of the largest: the update is
 * `Σ_k α_k ĝ_k` with `α_k = max_j |ĝ_j| / |ĝ_k|`.
 *
 * This is the case β = 0, the only one that norms of gradients decide: the factor of g_k is
 * `max_j (|g_j| / L_j) / |g_k|`, every task's part of the update has the same norm, and the logarithm only sets that norm.
 * What β > 0 would bring, an average of the gradients as vectors, is lost: it takes K x P numbers of state. A task whose
 * loss is exactly 0, which has no logarithm, has the factor 0, and one whose gradient is 0 the factor 1 / L of its logarithm
 * alone. No factor is larger than 1e30.
 */
export const dbMtl = gramMethod({
  kind: 'db-mtl',
  about: 'Scales the gradients of the logarithms of the losses to the norm of the largest.',
  balances: 'losses',
  paper: 'Lin et al. 2023, Dual-balancing for multi-task learning, arXiv:2308.12029',
  needs: ['losses', 'gram'],
  properties: ['permutation-invariant', 'positive'],
  cost: 'a backward pass a task',
  verified: "one step by hand, and equal norms of the tasks' parts; without the average over steps (β = 0)",
  options: {},
  create(_options, tasks) {
    return {
      weights({ losses, gram, ...statistics }) {
        checkLosses('db-mtl', losses, takingPart(statistics, tasks).length);
        // Logarithms throughout: a quotient of a large and a small number would overflow.
        const norms = squaredNorms('db-mtl', gram, losses.length).map((square) => 0.5 * Math.log(square));
        const balanced = norms.map((norm, k) =>
          losses[k] === 0 ? Number.NEGATIVE_INFINITY : norm - Math.log(losses[k]!),
        );
        const largest = balanced.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
        return losses.map((loss, k) => {
          if (loss === 0) return 0;
          const logarithm = norms[k] === Number.NEGATIVE_INFINITY ? -Math.log(loss) : largest - norms[k]!;
          return Math.min(Math.exp(logarithm), LARGEST_FACTOR);
        });
      },
    };
  },
});
