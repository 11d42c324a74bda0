import type { GramMethod } from '../method.ts';
import { optionsOf } from '../options.ts';
import { takingPart } from '../taking-part.ts';
import { VECTORS } from './facts.ts';

const options = optionsOf('mean', {});

const equalShares = (tasks: number) => new Float64Array(tasks).fill(1 / tasks);

/** Equal weights 1/K: the gradient of the mean loss. */
export const mean: GramMethod = {
  name: 'mean',
  kind: 'aggregator',
  paper: 'The gradient of the mean loss; no paper',
  options,
  needs: [],
  cost: 'none',
  verified: VECTORS,
  create: (_, tasks) => ({ weights: (given) => equalShares(takingPart(given, tasks).length) }),
};
