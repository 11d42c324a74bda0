import * as tf from '@tensorflow/tfjs';
import { checkOptions, count, optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { BlockContext, Call } from '../../task/contract.ts';
import type { Trunk } from '../trunk.ts';
import { byTask, copiesOf, finished } from './copies.ts';
import type { Sharing } from './sharing.ts';
import { type ShareTrunk, shareSoftly } from './soft.ts';

export interface BranchingOptions {
  /** Blocks beside each other at every depth. Default 3. */
  readonly branches?: number;
}

const schema = optionsOf('branching', {
  branches: count.default(3).describe('blocks beside each other at every depth'),
});

/**
 * Shares a trunk by learned branching (Guo et al. 2020, "Learning to Branch for Multi-Task Learning", section 3): at every depth several blocks
 * beside each other; each of them, and in the end each task, reads one block of the depth before, which it chooses by
 * learned logits θ. In training the choice is drawn once for each batch, `argmax(θ + Gumbel noise)`, and its gradient is that of
 * `softmax((θ + noise) / τ)`; otherwise it is `argmax θ`. What differs: τ stays at 1 (the paper lowers it while it trains); θ
 * and the weights learn together all the time; the tree that was found is not trained anew; blocks that nobody chose are
 * computed as well.
 * @throws BanyanError `argument` for a number of branches that is not whole and >= 1, and for a trunk that is shared softly already.
 */
export function branching(trunk: Trunk, options: BranchingOptions = {}): Trunk {
  const { branches } = checkOptions('branching', schema, options);
  const sharing: Sharing = {
    kind: 'branching',
    build: (builder) => {
      const { tasks, depth, module } = builder;
      const copies = copiesOf(builder, branches, 'branch');
      // Into the first blocks come the same tokens.
      const parents = Array.from({ length: depth - 1 }, (_, b) =>
        module(`parents-${b + 1}`, (context) => choice(context, branches, branches)),
      );
      const leaves = byTask(tasks, (task) => module('parent', (context) => choice(context, 1, branches), task));
      return {
        block: (b, branch, pass) => {
          const before = copies.map(({ name }) => branch(name));
          const chosen = b === 0 ? before : parents[b - 1]!(before, pass.call);
          return new Map(copies.map(({ name, blocks }, i) => [name, blocks[b]!(chosen[i]!, pass)]));
        },
        output: (branch, pass) => {
          const tokens = finished(copies, branch, pass);
          return byTask(pass.tasks, (task) => leaves.get(task)!(tokens, pass.call)[0]!);
        },
      };
    },
  };
  return shareSoftly('branching', trunk, { branches }, sharing);
}

/** `branching`, as files name it. */
export const branchingKind: Kind<ShareTrunk, BranchingOptions> = {
  kind: 'branching',
  about: 'Every task chooses a way through blocks that lie beside each other, and learns which (Guo et al. 2020).',
  options: schema,
  build: (options) => (trunk) => branching(trunk, options),
};

/** Makes what gives each child the tokens of the parent that it chooses, `[batch, positions, width]` each. */
function choice(context: BlockContext, children: number, parents: number) {
  const logits = context.variable('logits', [children, parents], 'zeros', { decay: false });
  return (candidates: readonly tf.Tensor3D[], call: Call): readonly tf.Tensor3D[] => {
    const scores = call.training ? logits.add(gumbel(context, [children, parents])) : logits;
    const chosen = picked(tf.softmax(scores)); // [children, parents]
    const factors = tf.split(chosen.reshape([children * parents]), children * parents) as tf.Tensor[];
    return Array.from({ length: children }, (_, child) => {
      const terms = candidates.map((tokens, parent) => tokens.mul(factors[child * parents + parent]!) as tf.Tensor3D);
      return terms.length === 1 ? terms[0]! : (tf.addN(terms) as tf.Tensor3D);
    });
  };
}

/** Standard Gumbel noise. */
function gumbel({ random }: BlockContext, shape: readonly number[]): tf.Tensor {
  // A draw may be 0, and is 1 at most once rounded: both have no finite logarithm of the logarithm.
  const inside = random
    .uniform(shape)
    .mul(1 - 4e-7)
    .add(2e-7);
  return inside.log().neg().log().neg();
}

/** 1 at the largest number of each row, 0 elsewhere; the gradient goes on to the numbers as they were. */
const picked = tf.customGrad((input: tf.Tensor | tf.GradSaveFunc) => {
  const shares = input as tf.Tensor2D;
  const parents = shares.shape[1];
  // tfjs knows no choice among one.
  const value =
    parents === 1 ? tf.onesLike(shares) : tf.oneHot(shares.argMax(1) as tf.Tensor1D, parents).cast('float32');
  return { value, gradFunc: (dy: tf.Tensor) => dy };
});
