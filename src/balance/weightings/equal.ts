import { gramMethod } from '../define.ts';
import type { StepStatistics } from '../method.ts';
import { takingPart } from '../taking-part.ts';

/** Equal weighting takes the factor 1 for each task: the objective is the sum of the losses, each times its task's own weight. */
export const equal = gramMethod({
  kind: 'equal',
  about: 'Sums the losses as they are.',
  balances: 'losses',
  paper: 'none: the plain sum of the losses',
  needs: [],
  properties: ['permutation-invariant', 'positive'],
  cost: 'none',
  verified: 'by its definition',
  options: {},
  create(_options, tasks) {
    const factors = (statistics: Pick<StepStatistics, 'tasks'>) =>
      new Float64Array(takingPart(statistics, tasks).length).fill(1);
    return { weights: factors, factorsBefore: factors };
  },
});
