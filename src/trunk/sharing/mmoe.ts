import { checkCounts } from '../check.ts';
import type { Trunk } from '../trunk.ts';
import { advance, byTask, copiesOf, finished } from './copies.ts';
import { mix, softmaxGate } from './gate.ts';
import type { Sharing } from './sharing.ts';
import { shareSoftly } from './soft.ts';

export interface MmoeOptions {
  /** Number of experts, each a whole copy of the trunk. Default 4. */
  readonly experts?: number;
}

/**
 * Multi-gate mixture-of-experts (Ma et al. 2018, "Modeling Task Relationships in Multi-task Learning with Multi-gate
 * Mixture-of-Experts", equations 5 to 7): every task reads `Σ_i g_i(x) f_i(x)` over experts f that all tasks share, with a gate
 * `g(x) = softmax(W x)` of its own. Here an expert is a whole trunk, and x, on which the gate decides for each example, is the
 * mean of the tokens that come into the trunk, padding left out.
 * @throws BanyanError `argument` for a number of experts that is not whole and >= 1, and for a trunk that is shared softly already.
 */
export function mmoe(trunk: Trunk, options: MmoeOptions = {}): Trunk {
  const { experts = 4 } = options;
  checkCounts('mmoe', { experts });
  const sharing: Sharing = {
    kind: 'mmoe',
    build: (parts) => {
      const copies = copiesOf(parts, experts, 'expert');
      const gates = byTask(parts.tasks, (task) => parts.part('gate', (context) => softmaxGate(context, experts), task));
      return {
        block: (b, from, trip) => advance(copies, b, from, trip),
        output: (from, trip) => {
          const given = finished(copies, from, trip);
          return byTask(trip.tasks, (task) => mix(gates.get(task)!(trip.tokens, trip.call), given));
        },
      };
    },
  };
  return shareSoftly('mmoe', trunk, { experts }, sharing);
}
