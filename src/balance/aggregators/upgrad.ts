import { finite } from '../../check.ts';
import { gramMethod } from '../define.ts';
import { leastAbove } from '../linear/least-above.ts';
import { perTask } from '../options.ts';
import { GRADIENT_PER_TASK, VECTORS } from './facts.ts';
import { preference } from './preference.ts';

/**
 * Unconflicting projection of gradients: each gradient is projected onto the directions that conflict with none, then
 * they are combined by `prefVector`, by default 1/K (Quinton and Rey 2024, section 3): A(J) = Σ c_i π(g_i). The
 * projections are exact, where TorchJD regularises.
 */
export const upgrad = gramMethod({
  kind: 'upgrad',
  about: 'Projects each gradient onto the directions that conflict with none, and takes the mean.',
  balances: 'gradients',
  paper: 'Quinton, Rey 2024, Jacobian Descent for Multi-Objective Optimization',
  needs: ['gram'],
  properties: ['non-conflicting', 'permutation-invariant', 'homogeneous'],
  cost: `${GRADIENT_PER_TASK}; K quadratic programs of K unknowns on the host`,
  verified: `${VECTORS}, with and without preferences`,
  options: { prefVector: perTask(finite).describe('how much each gradient counts; default 1/K each') },
  create({ prefVector }, tasks) {
    const preferencesOf = preference('upgrad', prefVector, tasks);
    return {
      weights({ gram, ...statistics }) {
        const preferences = preferencesOf(statistics);
        const weights = new Float64Array(preferences.length);
        preferences.forEach((share, task) => {
          const gradient = new Float64Array(preferences.length);
          gradient[task] = share;
          leastAbove(gram!, gradient).forEach((weight, i) => {
            weights[i]! += weight;
          });
        });
        return weights;
      },
    };
  },
});
