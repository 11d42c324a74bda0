import { checkCounts } from '../check.ts';
import type { Trunk } from '../trunk.ts';
import { mix, softmaxGate } from './gate.ts';
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
  return shareSoftly(
    'mmoe',
    trunk,
    { experts },
    {
      kind: 'mmoe',
      build: ({ tasks, depth, block, finish, part }) => {
        const copies = Array.from({ length: experts }, (_, i) => {
          const name = `expert-${i}`;
          return { name, blocks: Array.from({ length: depth }, (_, b) => block(b, name)), finish: finish(name) };
        });
        const gates = new Map(
          tasks.map((task) => [task, part('gate', (context) => softmaxGate(context, experts), task)]),
        );
        return {
          level: (b, from, trip) => new Map(copies.map(({ name, blocks }) => [name, blocks[b]!(from(name), trip)])),
          end: (from, trip) => {
            const given = copies.map(({ name, finish }) => finish(from(name), trip));
            return new Map(trip.tasks.map((task) => [task, mix(gates.get(task)!(trip.tokens, trip.call), given)]));
          },
        };
      },
    },
  );
}
