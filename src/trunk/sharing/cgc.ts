import { checkCounts } from '../check.ts';
import type { Trunk } from '../trunk.ts';
import { advance, byTask, copiesOf, finished } from './copies.ts';
import { mix, softmaxGate } from './gate.ts';
import type { Sharing } from './sharing.ts';
import { shareSoftly } from './soft.ts';

/** Of `cgc` for the whole trunk, of `ple` for each block. */
export interface ExpertOptions {
  /** Number of experts that all tasks share. Default 1. */
  readonly shared?: number;
  /** Number of experts of each task's own. Default 1. */
  readonly own?: number;
}

/**
 * Customised gate control (Tang et al. 2020, "Progressive Layered Extraction (PLE): A Novel Multi-Task Learning Model for
 * Personalized Recommendations", section 4.1): experts that all tasks share, experts of each task's own, and a gate for each
 * task, `softmax(W x)` over its own experts and the shared ones; another task's experts it never sees. Here an expert is a
 * whole trunk, and x is the mean of the tokens that come into the trunk, padding left out. `ple` has such a level at every
 * block.
 * @throws BanyanError `argument` for a number of experts that is not whole and >= 1, and for a trunk that is shared softly already.
 */
export function cgc(trunk: Trunk, options: ExpertOptions = {}): Trunk {
  const { shared = 1, own = 1 } = options;
  checkCounts('cgc', { shared, own });
  const sharing: Sharing = {
    kind: 'cgc',
    build: (parts) => {
      const common = copiesOf(parts, shared, 'shared');
      const owned = byTask(parts.tasks, (task) => copiesOf(parts, own, 'expert', task));
      const gates = byTask(parts.tasks, (task) =>
        parts.part('gate', (context) => softmaxGate(context, own + shared), task),
      );
      return {
        block: (b, from, trip) =>
          advance([...common, ...trip.tasks.flatMap((task) => owned.get(task)!)], b, from, trip),
        output: (from, trip) => {
          const given = finished(common, from, trip);
          return byTask(trip.tasks, (task) =>
            mix(gates.get(task)!(trip.tokens, trip.call), [...finished(owned.get(task)!, from, trip), ...given]),
          );
        },
      };
    },
  };
  return shareSoftly('cgc', trunk, { shared, own }, sharing);
}
