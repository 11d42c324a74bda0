import { finite } from '../../check.ts';
import { gramMethod } from '../define.ts';
import { leastAbove } from '../linear/least-above.ts';
import { perTask } from '../options.ts';
import { GRADIENT_PER_TASK, VECTORS } from './facts.ts';
import { preference } from './preference.ts';

/**
 * The gradients combined by `prefVector`, by default their mean, then projected onto the directions that conflict with
 * none (gradient episodic memory, Lopez-Paz and Ranzato 2017, section 3, for tasks instead of memories; named as in
 * Quinton and Rey 2024). The projection is exact, where TorchJD regularises.
 */
export const dualProj = gramMethod({
  kind: 'dual-proj',
  about: 'Projects the mean gradient onto the directions that conflict with no gradient.',
  balances: 'gradients',
  paper: 'Lopez-Paz, Ranzato 2017, Gradient Episodic Memory for Continual Learning, NeurIPS',
  needs: ['gram'],
  properties: ['non-conflicting', 'permutation-invariant', 'homogeneous'],
  cost: GRADIENT_PER_TASK,
  verified: `${VECTORS}, with and without preferences`,
  options: {
    prefVector: perTask(finite).describe('how much each gradient counts before the projection; default 1/K each'),
  },
  create({ prefVector }, tasks) {
    const preferences = preference('dual-proj', prefVector, tasks);
    return { weights: ({ gram, ...statistics }) => leastAbove(gram!, preferences(statistics)) };
  },
});
