import * as tf from '@tensorflow/tfjs';
import { checkOptions, count, optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import { linear, maskedMean } from '../../layers/index.ts';
import type { BlockContext } from '../../task/contract.ts';
import type { Trunk } from '../trunk.ts';
import { advance, byTask, copiesOf, finished } from './copies.ts';
import { type Gate, mix } from './gate.ts';
import type { Sharing } from './sharing.ts';
import { type ShareTrunk, shareSoftly } from './soft.ts';

export interface DselectKOptions {
  /** Number of experts, each a whole copy of the trunk: a power of two, 2 or more. Default 4. */
  readonly experts?: number;
  /** At most so many of them for one example of a task, once the gate is sure. Default 2. */
  readonly selected?: number;
}

const schema = optionsOf('dselect-k', {
  experts: count
    .check(({ value, issues }) => {
      const bits = Math.log2(value);
      if (Number.isInteger(bits) && bits >= 1) return;
      const below = 2 ** Math.max(1, Math.floor(bits));
      const choice = `${below}${below < value ? ` or ${2 * below}` : ''}`;
      const mend = `Choose ${choice}: each is named by a code of bits.`;
      issues.push({ code: 'custom', message: 'a power of two >= 2', input: value, params: { mend } });
    })
    .default(4)
    .describe('experts, each a whole copy of the trunk'),
  selected: count.default(2).describe('experts that an example of a task uses at most'),
}).refine(({ experts, selected }) => selected <= experts, {
  path: ['selected'],
  error: ({ input }) => `at most experts (${(input as DselectKOptions).experts})`,
  params: { mend: 'Lower it, or take more experts.' },
});

// Small, so that no code begins where the smooth step is flat.
const INITIAL = { normal: 0.01 };

/**
 * Shares a trunk by DSelect-k (Hazimeh et al. 2021, "DSelect-k: Differentiable Selection in the Mixture of Experts with Applications to
 * Multi-Task Learning"): mixture-of-experts with a gate for each task that comes to take at most k experts and gives exactly 0
 * to the others. Each of k selectors names an expert by its number in binary, a bit by a smooth step between 0 and 1; the
 * gate's weights are the sum of what the selectors name, weighted by a softmax (section 3; the gate for one example, whose codes
 * and factors are linear in x). Here an expert is a whole trunk, and x is the mean of the tokens that come into the trunk, padding
 * left out. What differs: there is no entropy term in the objective that drives the codes to 0 and 1, so selectors grow sure by
 * the tasks' losses alone; experts of weight 0 are computed as well.
 * @throws BanyanError `argument` for a number of experts that is no power of two >= 2 (some codes would name no expert), for
 * more selected than there are, and for a trunk that is shared softly already.
 */
export function dselectK(trunk: Trunk, options: DselectKOptions = {}): Trunk {
  const { experts, selected } = checkOptions('dselectK', schema, options);
  const sharing: Sharing = {
    kind: 'dselect-k',
    build: (builder) => {
      const copies = copiesOf(builder, experts, 'expert');
      const gates = byTask(builder.tasks, (task) =>
        builder.module('gate', (context) => selectingGate(context, selected, Math.log2(experts)), task),
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
  return shareSoftly('dselectK', trunk, { experts, selected }, sharing);
}

/** `dselectK`, as files name it. */
export const dselectKKind: Kind<ShareTrunk, DselectKOptions> = {
  kind: 'dselect-k',
  about: 'Every task mixes at most a few of the shared experts, and learns which (Hazimeh et al. 2021).',
  options: schema,
  build: (options) => (trunk) => dselectK(trunk, options),
};

/** Makes the gate over `2 ** bits` experts. */
function selectingGate(context: BlockContext, selected: number, bits: number): Gate {
  const codes = linear(context, 'codes', context.width, selected * bits, { initializer: INITIAL });
  const factors = linear(context, 'factors', context.width, selected, { initializer: INITIAL });
  return (tokens, call) => {
    const x = maskedMean(tokens, call); // [batch, width]
    const [batch] = x.shape;
    const steps = smoothStep(codes(x)).reshape([batch, selected, bits]) as tf.Tensor3D;
    const named = nameExperts(steps); // [batch, selected, experts]
    const weights = tf.softmax(factors(x)).reshape([batch, selected, 1]);
    return named.mul(weights).sum(1) as tf.Tensor2D; // [batch, experts]
  };
}

/**
 * The paper's smooth step with γ = 1: 0 up to -1/2, 1 from 1/2 on, between them the cubic that joins both without a kink. Any
 * shape to the same.
 */
export function smoothStep<T extends tf.Tensor>(x: T): T {
  const t = x.clipByValue(-0.5, 0.5);
  return t.square().mul(-2).add(1.5).mul(t).add(0.5) as T;
}

/**
 * How far each code names each expert: `Π_j (s_j where bit j of the expert's number is 1, else 1 - s_j)`. Bits
 * `[batch, selectors, bits]` in [0, 1] to `[batch, selectors, 2 ** bits]`, which sums to 1 over the experts.
 */
export function nameExperts(steps: tf.Tensor3D): tf.Tensor3D {
  const bits = steps.shape[2];
  const numbers = Array.from({ length: 2 ** bits }, (_, expert) => expert);
  const each = tf.split(steps, bits, 2); // [batch, selectors, 1] for each bit
  const factors = each.map((step, j) => {
    const set = tf.tensor1d(numbers.map((expert) => (expert >> j) & 1)).cast('float32'); // [experts]
    return step.mul(set).add(tf.sub(1, step).mul(tf.sub(1, set))); // [batch, selectors, experts]
  });
  return factors.reduce((product, factor) => product.mul(factor)) as tf.Tensor3D;
}
