import { oneOf } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import { gramMethod } from '../define.ts';
import { dot } from '../linear/products.ts';
import type { Matrix } from '../method.ts';
import { GRADIENT_PER_TASK, VECTORS } from './facts.ts';
import { othersInRandomOrder } from './orders.ts';

/** Orders of so many tasks can still be gone through: 8 times 7! of them. */
const MOST_TASKS = 8;

/**
 * Gradient surgery: each gradient in turn loses its projection onto those others with which it conflicts; the sum of
 * what is left (Yu et al. 2020, algorithm 1: a sum, not a mean). A projected gradient is a combination of the
 * gradients, so the products are all it takes. `order` is that of the others: random for each task and step as in the
 * paper, by their number, or the mean over all orders (no draws, up to 8 tasks).
 */
export const pcgrad = gramMethod({
  kind: 'pcgrad',
  about: 'Projects each gradient off the others that it conflicts with, and sums what is left.',
  balances: 'gradients',
  paper: 'Yu, Kumar, Gupta, Levine, Hausman, Finn 2020, Gradient Surgery for Multi-Task Learning, NeurIPS',
  needs: ['gram'],
  properties: ['homogeneous'],
  cost: GRADIENT_PER_TASK,
  verified: `${VECTORS}, in fixed orders and in the mean over all`,
  options: {
    order: oneOf('random', 'ascending', 'descending', 'mean_over_all_permutations')
      .default('random')
      .describe('in which order a gradient meets the others: as drawn, by number, or the mean over all orders'),
  },
  create({ order }, tasks) {
    if (order === 'mean_over_all_permutations' && tasks > MOST_TASKS) {
      throw new BanyanError(
        'argument',
        `pcgrad: order "mean_over_all_permutations" goes through all orders of at most ${MOST_TASKS} tasks, received ${tasks} tasks. Use order "random".`,
      );
    }
    return {
      weights({ gram, random }) {
        const present = gram!.length;
        const weights = new Float64Array(present);
        for (let task = 0; task < present; task++) {
          const factors = Float64Array.from({ length: present }, (_, i) => (i === task ? 1 : 0));
          if (order === 'mean_over_all_permutations') {
            addMean(gram!, factors, othersOf(task, present), 1, weights);
            continue;
          }
          const others = order === 'random' ? othersInRandomOrder(task, present, random) : othersOf(task, present);
          if (order === 'descending') others.reverse();
          for (const other of others) project(gram!, factors, other);
          factors.forEach((factor, i) => {
            weights[i]! += factor;
          });
        }
        return weights;
      },
    };
  },
});

function othersOf(task: number, tasks: number): number[] {
  return Array.from({ length: tasks }, (_, j) => j).filter((j) => j !== task);
}

/** Takes from a combination of gradients its projection onto another one, if they conflict. */
function project(gram: Matrix, factors: Float64Array, other: number): void {
  const product = dot(gram[other]!, factors);
  if (product < 0) factors[other]! -= product / gram[other]![other]!;
}

/** Adds the mean over all orders of the others that are left; orders that begin alike share their beginning. */
function addMean(gram: Matrix, factors: Float64Array, left: readonly number[], share: number, to: Float64Array): void {
  if (left.length === 0) {
    factors.forEach((factor, i) => {
      to[i]! += share * factor;
    });
    return;
  }
  for (const other of left) {
    const projected = Float64Array.from(factors);
    project(gram, projected, other);
    const rest = left.filter((j) => j !== other);
    addMean(gram, projected, rest, share / left.length, to);
  }
}
