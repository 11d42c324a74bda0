import * as tf from '@tensorflow/tfjs';
import type { BlockContext } from '../../task/contract.ts';
import type { Trunk } from '../trunk.ts';
import { byTask } from './copies.ts';
import type { Branches, Sharing } from './sharing.ts';
import { shareSoftly } from './soft.ts';

// What a path keeps of itself at first; the rest comes from the others in equal parts.
const OWN = 0.9;

/**
 * Cross-stitch networks (Misra et al. 2016, "Cross-stitch Networks for Multi-task Learning", equation 1): a whole trunk for
 * each task, and after each block every task's tokens become a learned linear combination of those of all tasks, `x̃_i = Σ_j
 * α_ij x_j`, with a factor for each channel. α begins at 0.9 for the task's own tokens and at 0.1 in all for the others', one of
 * the paper's settings. Here for any number of tasks; the networks are not trained one by one before; and the
 * factors learn at the learning rate of all other weights, where the paper takes a hundred to a thousand times that.
 * @throws BanyanError `argument` for a trunk that is shared softly already.
 */
export function crossStitch(trunk: Trunk): Trunk {
  const sharing: Sharing = {
    kind: 'cross-stitch',
    build: ({ tasks, depth, block, finish, part }) => {
      const levels = Array.from({ length: depth }, (_, b) => {
        const last = b === depth - 1;
        return {
          blocks: byTask(tasks, (task) => block(b, `of/${task}`)),
          // After the last block a task's factors are nobody else's.
          stitches: byTask(tasks, (task) =>
            last
              ? part(`stitch-${b}`, (context) => stitch(context, task, tasks), task)
              : part(`of/${task}/stitch-${b}`, (context) => stitch(context, task, tasks)),
          ),
          last,
        };
      });
      const ends = byTask(tasks, (task) => finish('', task));
      return {
        block: (b, from, trip) => {
          const { blocks, stitches, last } = levels[b]!;
          const given = byTask(tasks, (task) => blocks.get(task)!(from(task), trip));
          return byTask(last ? trip.tasks : tasks, (task) => stitches.get(task)!(given));
        },
        output: (from, trip) => byTask(trip.tasks, (task) => ends.get(task)!(from(task), trip)),
      };
    },
  };
  return shareSoftly('crossStitch', trunk, {}, sharing);
}

/** `α_ii x_i + Σ_j≠i α_ij x_j` for one task i, channel by channel. */
function stitch(context: BlockContext, task: string, tasks: readonly string[]): (given: Branches) => tf.Tensor3D {
  const { width } = context;
  const others = tasks.filter((other) => other !== task);
  const factors = new Map(
    tasks.map((from) => {
      const constant = others.length === 0 ? 1 : from === task ? OWN : (1 - OWN) / others.length;
      return [from, context.variable(`from-${from}`, [width], { constant })];
    }),
  );
  return (given) => {
    const parts = tasks.map((from) => given.get(from)!.mul(factors.get(from)!) as tf.Tensor3D); // [batch, positions, width]
    return parts.length === 1 ? parts[0]! : (tf.addN(parts) as tf.Tensor3D);
  };
}
