import { notNegative } from '../../check.ts';
import { gramMethod } from '../define.ts';
import type { StepStatistics } from '../method.ts';
import { perTask } from '../options.ts';
import { pick, takingPart } from '../taking-part.ts';
import { numbersPerTask } from './checks.ts';

/** Static weights are given and never change. */
export const staticWeights = gramMethod({
  kind: 'static',
  about: 'Multiplies the losses by fixed factors.',
  balances: 'losses',
  paper: 'none: weights chosen by hand',
  needs: [],
  properties: ['permutation-invariant', 'positive'],
  cost: 'none',
  verified: 'by its definition',
  options: {
    weights: perTask(notNegative).describe("a factor for each task, beside the task's own weight; default 1 each"),
  },
  create({ weights }, tasks) {
    const numbers = numbersPerTask('static: weights', weights, tasks, 1);
    const factors = (step: Pick<StepStatistics, 'tasks'>) => pick(numbers, takingPart(step, tasks));
    return { weights: factors, factorsBefore: factors };
  },
});
