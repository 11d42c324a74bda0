import { gramMethod } from '../define.ts';
import { takingPart } from '../taking-part.ts';

/**
 * Random weights: the softmax of standard normal draws, new at each step (Lin et al. 2022, random gradient weighting;
 * of the paper's distributions the normal one). Weighting losses with them gives the same update of the trunk.
 */
export const randomWeights = gramMethod({
  kind: 'random',
  about: 'Sums the gradients with weights that are drawn anew in each step.',
  balances: 'gradients',
  paper:
    'Lin, Ye, Zhang, Tsang 2022, Reasonable Effectiveness of Random Weighting: A Litmus Test for Multi-Task Learning, TMLR',
  needs: [],
  properties: [],
  cost: 'none',
  verified: 'one step worked by hand from given draws',
  options: {},
  create: (_, tasks) => ({
    weights({ random, ...statistics }) {
      const powers = Float64Array.from(takingPart(statistics, tasks), () => Math.exp(random.normal()));
      const sum = powers.reduce((all, power) => all + power, 0);
      return powers.map((power) => power / sum);
    },
  }),
});
