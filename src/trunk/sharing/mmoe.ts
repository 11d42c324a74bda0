import { checkOptions, count, optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Trunk } from '../trunk.ts';
import { advance, byTask, copiesOf, finished } from './copies.ts';
import { mix, softmaxGate } from './gate.ts';
import type { Sharing } from './sharing.ts';
import { type ShareTrunk, shareSoftly } from './soft.ts';

export interface MmoeOptions {
  /** Number of experts, each a whole copy of the trunk. Default 4. */
  readonly experts?: number;
}

const schema = optionsOf('mmoe', { experts: count.default(4).describe('experts, each a whole copy of the trunk') });

/**
 * Shares a trunk by a multi-gate mixture-of-experts (Ma et al. 2018, "Modeling Task Relationships in Multi-task Learning with Multi-gate
 * Mixture-of-Experts", equations 5 to 7): every task reads `Σ_i g_i(x) f_i(x)` over experts f that all tasks share, with a gate
 * `g(x) = softmax(W x)` of its own. Here an expert is a whole trunk, and x, on which the gate decides for each example, is the
 * mean of the tokens that come into the trunk, padding left out.
 * @throws BanyanError `argument` for a number of experts that is not whole and >= 1, and for a trunk that is shared softly already.
 */
export function mmoe(trunk: Trunk, options: MmoeOptions = {}): Trunk {
  const { experts } = checkOptions('mmoe', schema, options);
  const sharing: Sharing = {
    kind: 'mmoe',
    build: (builder) => {
      const copies = copiesOf(builder, experts, 'expert');
      const gates = byTask(builder.tasks, (task) =>
        builder.module('gate', (context) => softmaxGate(context, experts), task),
      );
      return {
        block: (b, branch, pass) => advance(copies, b, branch, pass),
        output: (branch, pass) => {
          const tokens = finished(copies, branch, pass);
          return byTask(pass.tasks, (task) => mix(gates.get(task)!(pass.tokens, pass.call), tokens));
        },
      };
    },
  };
  return shareSoftly('mmoe', trunk, { experts }, sharing);
}

/** `mmoe`, as files name it. */
export const mmoeKind: Kind<ShareTrunk, MmoeOptions> = {
  kind: 'mmoe',
  about: 'Every task mixes experts that all tasks share, by a gate of its own (Ma et al. 2018).',
  options: schema,
  build: (options) => (trunk) => mmoe(trunk, options),
};
