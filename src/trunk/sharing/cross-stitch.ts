import * as tf from '@tensorflow/tfjs';
import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { BlockContext } from '../../task/contract.ts';
import type { Trunk } from '../trunk.ts';
import { byTask } from './copies.ts';
import type { Branches, Sharing } from './sharing.ts';
import { type ShareTrunk, shareSoftly } from './soft.ts';

// What a branch keeps of itself at first; the rest comes from the others in equal parts.
const KEPT = 0.9;

/**
 * Shares a trunk by cross-stitch units (Misra et al. 2016, "Cross-stitch Networks for Multi-task Learning", equation 1): a whole trunk for
 * each task, and after each block every task's tokens become a learned linear combination of those of all tasks, `x̃_i = Σ_j
 * α_ij x_j`, with a factor for each channel. α begins at 0.9 for the task's own tokens and at 0.1 in all for the others', one of
 * the paper's settings. Here for any number of tasks; the networks are not trained one by one before; and the
 * factors learn at the learning rate of all other weights, where the paper takes a hundred to a thousand times that.
 * @throws BanyanError `argument` for a trunk that is shared softly already.
 */
export function crossStitch(trunk: Trunk): Trunk {
  const sharing: Sharing = {
    kind: 'cross-stitch',
    build: ({ tasks, depth, block, finish, module }) => {
      const depths = Array.from({ length: depth }, (_, b) => {
        const last = b === depth - 1;
        return {
          blocks: byTask(tasks, (task) => block(b, `of/${task}`)),
          // After the last block a task's factors are nobody else's.
          stitches: byTask(tasks, (task) =>
            last
              ? module(`stitch-${b}`, (context) => stitch(context, task, tasks), task)
              : module(`of/${task}/stitch-${b}`, (context) => stitch(context, task, tasks)),
          ),
          last,
        };
      });
      const finishes = byTask(tasks, (task) => finish('', task));
      return {
        block: (b, branch, pass) => {
          const { blocks, stitches, last } = depths[b]!;
          const tokens = byTask(tasks, (task) => blocks.get(task)!(branch(task), pass));
          return byTask(last ? pass.tasks : tasks, (task) => stitches.get(task)!(tokens));
        },
        output: (branch, pass) => byTask(pass.tasks, (task) => finishes.get(task)!(branch(task), pass)),
      };
    },
  };
  return shareSoftly('crossStitch', trunk, {}, sharing);
}

/** `crossStitch`, as files name it. */
export const crossStitchKind: Kind<ShareTrunk> = {
  kind: 'cross-stitch',
  about: "A trunk for each task; after each block every task's tokens are a mix of all (Misra et al. 2016).",
  options: optionsOf('cross-stitch', {}),
  build: () => crossStitch,
};

/** Makes a unit that gives `α_ii x_i + Σ_j≠i α_ij x_j` for one task i, channel by channel. */
function stitch(context: BlockContext, task: string, tasks: readonly string[]): (branches: Branches) => tf.Tensor3D {
  const { width } = context;
  const others = tasks.filter((other) => other !== task);
  const factors = new Map(
    tasks.map((from) => {
      const constant = others.length === 0 ? 1 : from === task ? KEPT : (1 - KEPT) / others.length;
      return [from, context.variable(`from-${from}`, [width], { constant })];
    }),
  );
  return (branches) => {
    const terms = tasks.map((from) => branches.get(from)!.mul(factors.get(from)!) as tf.Tensor3D); // [batch, positions, width]
    return terms.length === 1 ? terms[0]! : (tf.addN(terms) as tf.Tensor3D);
  };
}
