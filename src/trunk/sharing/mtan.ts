import * as tf from '@tensorflow/tfjs';
import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import { linear } from '../../layers/index.ts';
import type { BlockContext } from '../../task/contract.ts';
import type { Trunk } from '../trunk.ts';
import { byTask } from './copies.ts';
import type { Sharing } from './sharing.ts';
import { type ShareTrunk, shareSoftly } from './soft.ts';

// The branch of the trunk itself. A task's begins with a letter.
const TRUNK = '*';

/**
 * Shares a trunk by a multi-task attention network (Liu et al. 2019, "End-to-End Multi-Task Learning with Attention", equations 1 and 2): one trunk
 * for all tasks, and for each task and block a mask over what the block gives, `â = a ⊙ p` with `a = σ(h(relu(g([u; f(â')]))))`,
 * where u comes into the block, p out of it, and â' is what the task kept of the block before (absent at the first). g and h
 * are each task's own, f is common to the tasks. Here u and p are the tokens before and after a whole block, f, g and h are
 * linear layers over the channels of one position (the paper's are convolutions with batch normalisation, f of 3 x 3 places
 * and with pooling, since its blocks halve the resolution); what follows the last block is common to the tasks.
 * @throws BanyanError `argument` for a trunk that is shared softly already.
 */
export function mtan(trunk: Trunk): Trunk {
  const sharing: Sharing = {
    kind: 'mtan',
    build: ({ tasks, depth, block, finish, module }) => {
      const depths = Array.from({ length: depth }, (_, b) => ({
        block: block(b, ''),
        carry: b === 0 ? undefined : module(`carry-${b}`, carrying),
        masks: byTask(tasks, (task) => module(`mask-${b}`, (context) => masking(context, b > 0), task)),
      }));
      const last = finish('');
      return {
        block: (b, branch, pass) => {
          const { block, carry, masks } = depths[b]!;
          const before = branch(TRUNK);
          const after = block(before, pass);
          const masked = byTask(pass.tasks, (task) => {
            const kept = carry?.(branch(task));
            const seen = kept === undefined ? before : (tf.concat([before, kept], 2) as tf.Tensor3D);
            return masks.get(task)!(seen).mul(after) as tf.Tensor3D;
          });
          return new Map([[TRUNK, after], ...masked]);
        },
        output: (branch, pass) => byTask(pass.tasks, (task) => last(branch(task), pass)),
      };
    },
  };
  return shareSoftly('mtan', trunk, {}, sharing);
}

/** `mtan`, as files name it. */
export const mtanKind: Kind<ShareTrunk> = {
  kind: 'mtan',
  about: 'One trunk; every task keeps of each block what a mask of its own lets through (Liu et al. 2019).',
  options: optionsOf('mtan', {}),
  build: () => mtan,
};

/** The paper's f. */
const carrying = (context: BlockContext) =>
  linear(context, 'f', context.width, context.width, { activation: 'relu' }) as (tokens: tf.Tensor3D) => tf.Tensor3D;

/** The paper's g and h: `[batch, positions, width]`, or twice the width, to a mask in (0, 1) `[batch, positions, width]`. */
function masking(context: BlockContext, carried: boolean): (tokens: tf.Tensor3D) => tf.Tensor3D {
  const { width } = context;
  const g = linear(context, 'g', carried ? 2 * width : width, width, { activation: 'relu' });
  const h = linear(context, 'h', width, width);
  return (tokens) => tf.sigmoid(h(g(tokens)));
}
