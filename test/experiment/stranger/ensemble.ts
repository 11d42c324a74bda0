import * as tf from '@tensorflow/tfjs';
import type { Sharing, Trunk } from 'banyan-ml';
import { count, type Kind, optionsOf } from 'banyan-ml/plugin';

interface EnsembleOptions {
  readonly members: number;
}

/** Every task reads the mean of some copies of the trunk. */
function ensemble(trunk: Trunk, { members }: EnsembleOptions): Trunk {
  const names = Array.from({ length: members }, (_, i) => `member-${i}`);
  const sharing: Sharing = {
    kind: 'ensemble',
    build: ({ depth, block, finish }) => {
      const copies = names.map((name) => ({
        name,
        blocks: Array.from({ length: depth }, (_, b) => block(b, name)),
        last: finish(name),
      }));
      return {
        block: (b, branch, pass) => new Map(copies.map(({ name, blocks }) => [name, blocks[b]!(branch(name), pass)])),
        output: (branch, pass) => {
          const all = copies.map(({ name, last }) => last(branch(name), pass));
          const mean = tf.addN(all).div(members) as tf.Tensor3D;
          return new Map(pass.tasks.map((task) => [task, mean]));
        },
      };
    },
  };
  return { ...trunk, config: { kind: 'ensemble', members, trunk: trunk.config }, sharing };
}

export const ensembleKind: Kind<(trunk: Trunk) => Trunk, EnsembleOptions> = {
  kind: 'ensemble',
  about: 'Every task reads the mean of some copies of the trunk.',
  options: optionsOf('ensemble', { members: count.default(2).describe('copies of the trunk') }),
  build: (options) => (trunk) => ensemble(trunk, options),
};
