import type { z } from 'zod';
import type { GramMethod } from '../method.ts';
import { checkLength, optionsOf, vector } from '../options.ts';
import { pick, takingPart } from '../taking-part.ts';
import { VECTORS } from './facts.ts';

const options = optionsOf('constant', { weights: vector.optional() });

/** Fixed weights, one a task, in their order or by their names, as they are given (they need not sum to 1); without any, all 1. */
export const constant: GramMethod<z.infer<typeof options>> = {
  name: 'constant',
  kind: 'aggregator',
  paper: 'Fixed weights; no paper',
  options,
  needs: [],
  cost: 'none',
  verified: VECTORS,
  create({ weights = [] }, tasks) {
    if (weights.length > 0) checkLength('constant: weights', weights, tasks, 'tasks');
    const factors = weights.length > 0 ? weights : Array<number>(tasks).fill(1);
    return { weights: (given) => pick(factors, takingPart(given, tasks)) };
  },
};
