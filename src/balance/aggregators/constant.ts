import { finite } from '../../check.ts';
import { gramMethod } from '../define.ts';
import { checkLength, perTask } from '../options.ts';
import { pick, takingPart } from '../taking-part.ts';
import { VECTORS } from './facts.ts';

/** Constant weights are given, one for each task, and need not sum to 1; without any, all are 1. */
export const constantWeights = gramMethod({
  kind: 'constant',
  about: 'Sums the gradients with fixed weights.',
  balances: 'gradients',
  paper: 'Fixed weights; no paper',
  needs: [],
  properties: ['permutation-invariant'],
  cost: 'none',
  verified: VECTORS,
  options: { weights: perTask(finite).describe('the weight of each gradient; they need not sum to 1; default 1 each') },
  create({ weights = [] }, tasks) {
    if (weights.length > 0) checkLength('constant: weights', weights, tasks, 'tasks');
    const factors = weights.length > 0 ? weights : Array<number>(tasks).fill(1);
    return { weights: (statistics) => pick(factors, takingPart(statistics, tasks)) };
  },
});
