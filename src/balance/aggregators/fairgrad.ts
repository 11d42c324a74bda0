import type { z } from 'zod';
import type { GramMethod } from '../method.ts';
import { optionsOf, positive } from '../options.ts';
import { PER_TASK, VECTORS } from './facts.ts';
import { fairWeights } from './fair-weights.ts';

const options = optionsOf('fairgrad', { alpha: positive.default(1) });

/**
 * α-fair updates: w > 0 with G w = w^(-1/α) (Ban and Ji 2024, algorithm 1); 1 is Nash-MTL without its bound, large α
 * looks to the task that gains least. Solved by Newton's method on the convex function whose minimum this is, where the
 * authors use non-linear least squares. Gradients of 0 and gradients without a solution: as in `nash-mtl`.
 */
export const fairgrad: GramMethod<z.infer<typeof options>> = {
  name: 'fairgrad',
  kind: 'aggregator',
  paper: 'Ban, Ji 2024, Fair Resource Allocation in Multi-Task Learning, ICML',
  options,
  needs: ['gram'],
  cost: PER_TASK,
  verified: `${VECTORS}, alpha = 0.5, 1 and 2`,
  create: ({ alpha }) => ({ weights: ({ gram }) => fairWeights(gram!, 1 / alpha) }),
};
