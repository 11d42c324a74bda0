import type { z } from 'zod';
import type { WeightMethod } from '../method.ts';
import { checkLength, optionsOf, vector } from '../options.ts';
import { VECTORS } from './facts.ts';

const options = optionsOf('constant', { weights: vector.optional() });

/** Fixed weights, one a task, as they are given (they need not sum to 1); without any, all 1. */
export const constant: WeightMethod<z.infer<typeof options>> = {
  name: 'constant',
  kind: 'aggregator',
  paper: 'Fixed weights; no paper',
  options,
  needs: [],
  cost: 'none',
  verified: VECTORS,
  create({ weights = [] }, tasks) {
    if (weights.length > 0) checkLength('constant: weights', weights, tasks, 'tasks');
    return { weights: () => (weights.length > 0 ? Float64Array.from(weights) : new Float64Array(tasks).fill(1)) };
  },
};
