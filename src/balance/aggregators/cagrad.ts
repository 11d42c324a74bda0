import { notNegative } from '../../check.ts';
import { gramMethod } from '../define.ts';
import { minimumNorm } from '../linear/minimum-norm.ts';
import { dot, square, total } from '../linear/products.ts';
import type { Matrix } from '../method.ts';
import { GRADIENT_PER_TASK, VECTORS } from './facts.ts';

/** Share of rounding in a squared length, beside the terms it is summed of. */
const ROUNDING = 1e-14;
/** How near the logarithm must come to its root. */
const CLOSE = 1e-12;
const STEPS = 200;

/**
 * Conflict-averse descent: the direction within c |g0| of the mean gradient g0 that does most for the task it helps
 * least, g0 + c |g0| g_w / |g_w| with w the minimum of g_w·g0 + c |g0| |g_w| over the simplex (Liu et al. 2021,
 * algorithm 1). As in algorithm 1 it is not divided by 1 + c or 1 + c², which the authors' programs do. Where g_w = 0
 * (no direction helps all) the update is 0. Default c = 0.5 (the paper tries 0.2 to 0.8); for c < 1 the limit is a
 * stationary point of the mean loss.
 *
 * Exact: |g_w| is the least of (|g_w|² / τ + τ) / 2 over τ, and for a fixed τ = σ c |g0| the problem asks for the
 * shortest point of the gradients moved by σ g0. |g_w| / τ falls with τ, so one root is to be found: 1.
 */
export const cagrad = gramMethod({
  kind: 'cagrad',
  about: 'Takes, near the mean gradient, the direction that does most for the task that it helps least.',
  balances: 'gradients',
  paper: 'Liu, Liu, Jin, Stone, Liu 2021, Conflict-Averse Gradient Descent for Multi-task Learning, NeurIPS',
  needs: ['gram'],
  properties: ['permutation-invariant', 'homogeneous'],
  cost: GRADIENT_PER_TASK,
  verified: `${VECTORS}, c = 0.4 and 0.5`,
  options: { c: notNegative.default(0.5).describe('how far from the mean gradient, as a share of its length') },
  create: ({ c }) => ({
    weights({ gram }) {
      const tasks = gram!.length;
      const equal = new Float64Array(tasks).fill(1 / tasks);
      const products = Float64Array.from(gram!, (row) => total(row) / tasks); // of each gradient with g0
      const mean = square(gram!, equal);
      if (c === 0 || mean <= ROUNDING * sizeOf(gram!, equal)) return equal;
      const radius = c * Math.sqrt(mean);
      const worst = worstCase(gram!, products, mean, radius);
      if (worst === undefined) return new Float64Array(tasks);
      const factor = radius / Math.sqrt(square(gram!, worst));
      return equal.map((share, i) => share + factor * worst[i]!);
    },
  }),
});

/** The w of the paper, or undefined where its g_w is 0. */
function worstCase(gram: Matrix, products: Float64Array, mean: number, radius: number): Float64Array | undefined {
  const at = (shift: number) => {
    const shifted = gram.map((row, i) =>
      row.map((product, j) => product + shift * (products[i]! + products[j]!) + shift ** 2 * mean),
    );
    const weights = minimumNorm(shifted);
    // log(|g_w| / τ); the root is where it is 0.
    return { weights, value: Math.log(Math.max(square(gram, weights), 1e-300)) / 2 - Math.log(shift * radius) };
  };
  const shortest = minimumNorm(gram);
  const least = square(gram, shortest);
  const most = Math.sqrt(Math.max(...gram.map((row, i) => row[i]!))) / radius;
  let low = least > ROUNDING * sizeOf(gram, shortest) ? Math.sqrt(least) / radius : 1e-9 * most;
  let high = most;
  const below = at(low);
  let above = at(high);
  if (below.value <= 0) return least > ROUNDING * sizeOf(gram, shortest) ? below.weights : undefined;
  // False position on a logarithmic scale, in the Illinois variant; halving where that is slow.
  let [first, last] = [below.value, above.value];
  let replaced: 'low' | 'high' | undefined;
  for (let step = 0; step < STEPS && high - low > 1e-14 * high && last < 0; step++) {
    const share = step % 4 === 3 ? 0.5 : first / (first - last);
    const between = Math.exp(Math.log(low) + share * Math.log(high / low));
    const middle = at(between);
    if (Math.abs(middle.value) < CLOSE) return middle.weights;
    if (middle.value > 0) {
      if (replaced === 'low') last /= 2;
      [low, first, replaced] = [between, middle.value, 'low'];
    } else {
      if (replaced === 'high') first /= 2;
      [high, above, last, replaced] = [between, middle, middle.value, 'high'];
    }
  }
  return above.weights;
}

/** What a squared length is summed of, all counted as positive. */
function sizeOf(gram: Matrix, weights: Float64Array): number {
  return dot(
    weights.map(Math.abs),
    gram.map((row) => dot(row.map(Math.abs), weights.map(Math.abs))),
  );
}
