import type { z } from 'zod';
import { leastAbove } from '../linear/least-above.ts';
import type { GramMethod } from '../method.ts';
import { optionsOf, vector } from '../options.ts';
import { PER_TASK, VECTORS } from './facts.ts';
import { preference } from './preference.ts';

const options = optionsOf('upgrad', { prefVector: vector.optional() });

/**
 * Unconflicting projection of gradients: each gradient is projected onto the directions that conflict with none, then
 * they are combined by `prefVector`, by default 1/K (Quinton and Rey 2024, section 3): A(J) = Σ c_i π(g_i). The
 * projections are exact, where TorchJD regularises.
 */
export const upgrad: GramMethod<z.infer<typeof options>> = {
  name: 'upgrad',
  kind: 'aggregator',
  paper: 'Quinton, Rey 2024, Jacobian Descent for Multi-Objective Optimization',
  options,
  needs: ['gram'],
  cost: `${PER_TASK}; K quadratic programs of K unknowns on the host`,
  verified: `${VECTORS}, with and without preferences`,
  create({ prefVector }, tasks) {
    const preferences = preference('upgrad', prefVector, tasks);
    return {
      weights({ gram, ...given }) {
        const wanted = preferences(given);
        const weights = new Float64Array(wanted.length);
        wanted.forEach((share, task) => {
          const own = new Float64Array(wanted.length);
          own[task] = share;
          leastAbove(gram!, own).forEach((weight, i) => {
            weights[i]! += weight;
          });
        });
        return weights;
      },
    };
  },
};
