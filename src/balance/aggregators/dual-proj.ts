import type { z } from 'zod';
import { leastAbove } from '../linear/least-above.ts';
import type { GramMethod } from '../method.ts';
import { optionsOf, vector } from '../options.ts';
import { PER_TASK, VECTORS } from './facts.ts';
import { preference } from './preference.ts';

const options = optionsOf('dual-proj', { prefVector: vector.optional() });

/**
 * The gradients combined by `prefVector`, by default their mean, then projected onto the directions that conflict with
 * none (gradient episodic memory, Lopez-Paz and Ranzato 2017, section 3, for tasks instead of memories; named as in
 * Quinton and Rey 2024). The projection is exact, where TorchJD regularises.
 */
export const dualProj: GramMethod<z.infer<typeof options>> = {
  name: 'dual-proj',
  kind: 'aggregator',
  paper: 'Lopez-Paz, Ranzato 2017, Gradient Episodic Memory for Continual Learning, NeurIPS',
  options,
  needs: ['gram'],
  cost: PER_TASK,
  verified: `${VECTORS}, with and without preferences`,
  create({ prefVector }, tasks) {
    const preferences = preference('dual-proj', prefVector, tasks);
    return { weights: ({ gram, ...given }) => leastAbove(gram!, preferences(given)) };
  },
};
