import type { GramMethod } from '../method.ts';
import { optionsOf } from '../options.ts';
import { takingPart } from '../taking-part.ts';

const options = optionsOf('random', {});

/**
 * Random weights: the softmax of standard normal draws, new at each step (Lin et al. 2022, random gradient weighting;
 * of the paper's distributions the normal one). Weighting losses with them gives the same update of the trunk.
 */
export const random: GramMethod = {
  name: 'random',
  kind: 'aggregator',
  paper:
    'Lin, Ye, Zhang, Tsang 2022, Reasonable Effectiveness of Random Weighting: A Litmus Test for Multi-Task Learning, TMLR',
  options,
  needs: [],
  cost: 'none',
  verified: 'one step worked by hand from given draws',
  create: (_, tasks) => ({
    weights({ random, ...given }) {
      const powers = Float64Array.from(takingPart(given, tasks), () => Math.exp(random.normal()));
      const sum = powers.reduce((all, power) => all + power, 0);
      return powers.map((power) => power / sum);
    },
  }),
};
