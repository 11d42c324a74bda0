import { checkOptions, count, optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Trunk } from '../trunk.ts';
import { advance, byTask, copiesOf, finished } from './copies.ts';
import { mix, softmaxGate } from './gate.ts';
import type { Sharing } from './sharing.ts';
import { type ShareTrunk, shareSoftly } from './soft.ts';

/** The experts of the whole trunk for `cgc`, of each block for `ple`. */
export interface ExpertOptions {
  /** Number of experts that all tasks share. Default 1. */
  readonly shared?: number;
  /** Number of experts of each task's own. Default 1. */
  readonly own?: number;
}

/** The options of `cgc` and `ple`. */
export const expertOptions = {
  shared: count.default(1).describe('experts that all tasks use'),
  own: count.default(1).describe('experts of each task alone'),
};
const schema = optionsOf('cgc', expertOptions);

/**
 * Shares a trunk by customised gate control (Tang et al. 2020, "Progressive Layered Extraction (PLE): A Novel Multi-Task Learning Model for
 * Personalized Recommendations", section 4.1): experts that all tasks share, experts of each task's own, and a gate for each
 * task, `softmax(W x)` over its own experts and the shared ones; another task's experts it never sees. Here an expert is a
 * whole trunk, and x is the mean of the tokens that come into the trunk, padding left out. `ple` has such a level at every
 * block.
 * @throws BanyanError `argument` for a number of experts that is not whole and >= 1, and for a trunk that is shared softly already.
 */
export function cgc(trunk: Trunk, options: ExpertOptions = {}): Trunk {
  const { shared, own } = checkOptions('cgc', schema, options);
  const sharing: Sharing = {
    kind: 'cgc',
    build: (builder) => {
      const common = copiesOf(builder, shared, 'shared');
      const owned = byTask(builder.tasks, (task) => copiesOf(builder, own, 'expert', task));
      const gates = byTask(builder.tasks, (task) =>
        builder.module('gate', (context) => softmaxGate(context, own + shared), task),
      );
      return {
        block: (b, branch, pass) =>
          advance([...common, ...pass.tasks.flatMap((task) => owned.get(task)!)], b, branch, pass),
        output: (branch, pass) => {
          const tokens = finished(common, branch, pass);
          return byTask(pass.tasks, (task) =>
            mix(gates.get(task)!(pass.tokens, pass.call), [...finished(owned.get(task)!, branch, pass), ...tokens]),
          );
        },
      };
    },
  };
  return shareSoftly('cgc', trunk, { shared, own }, sharing);
}

/** `cgc`, as files name it. */
export const cgcKind: Kind<ShareTrunk, ExpertOptions> = {
  kind: 'cgc',
  about: 'Every task mixes experts of its own with shared ones, once for the whole trunk (Tang et al. 2020).',
  options: schema,
  build: (options) => (trunk) => cgc(trunk, options),
};
