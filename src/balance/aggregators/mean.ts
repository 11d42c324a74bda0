import { gramMethod } from '../define.ts';
import { takingPart } from '../taking-part.ts';
import { VECTORS } from './facts.ts';

const equalShares = (tasks: number) => new Float64Array(tasks).fill(1 / tasks);

/** The mean takes equal weights 1/K, which is the gradient of the mean loss. */
export const mean = gramMethod({
  kind: 'mean',
  about: 'Takes the mean of the gradients.',
  balances: 'gradients',
  paper: 'The gradient of the mean loss; no paper',
  needs: [],
  properties: ['permutation-invariant', 'homogeneous'],
  cost: 'none',
  verified: VECTORS,
  options: {},
  create: (_, tasks) => ({ weights: (statistics) => equalShares(takingPart(statistics, tasks).length) }),
});
