import { gramMethod } from '../define.ts';
import { takingPart } from '../taking-part.ts';
import { VECTORS } from './facts.ts';

/** The sum takes the weight 1 for each task, which is the gradient of the sum of the losses. */
export const sum = gramMethod({
  kind: 'sum',
  about: 'Takes the sum of the gradients.',
  balances: 'gradients',
  paper: 'The gradient of the sum of the losses; no paper',
  needs: [],
  properties: ['permutation-invariant', 'homogeneous'],
  cost: 'none',
  verified: VECTORS,
  options: {},
  create: (_, tasks) => ({ weights: (statistics) => new Float64Array(takingPart(statistics, tasks).length).fill(1) }),
});
