import * as tf from '@tensorflow/tfjs';
import { checkOptions, flag, notNegative, optionsOf, rate } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { updateInPlace } from '../runtime/index.ts';
import { DECAY, LEARNING_RATE, type Optimizer } from './optimizer.ts';

export interface SgdOptions {
  /** Size of a step, before the factor of the schedule. */
  readonly learningRate: number;
  /** Default 0: none. */
  readonly momentum?: number;
  /** Looks ahead (Nesterov), in the form of Sutskever et al. 2013. Needs momentum and no dampening. Default false. */
  readonly nesterov?: boolean;
  /** L2 penalty, added to the gradient. Default 0. */
  readonly weightDecay?: number;
  /** How much less of a gradient enters the velocity; the first enters whole. Default 0. */
  readonly dampening?: number;
}

const schema = optionsOf('sgd', {
  learningRate: notNegative.describe(LEARNING_RATE),
  momentum: rate.default(0).describe('share of the last step that is made again'),
  nesterov: flag.default(false).describe('whether the gradient is taken where momentum leads'),
  weightDecay: notNegative.default(0).describe(`${DECAY}, added to the gradient`),
  dampening: rate.default(0).describe('how much less of a gradient enters the velocity; the first enters whole'),
}).refine(({ nesterov, momentum, dampening }) => !nesterov || (momentum > 0 && dampening === 0), {
  path: ['nesterov'],
  error: 'false, unless momentum is > 0 and dampening is 0',
  params: { mend: 'Set a momentum and no dampening, or leave nesterov out.' },
});

/**
 * Makes stochastic gradient descent, with PyTorch's meaning of its options: the learning rate multiplies the velocity, it is not
 * part of it, and the velocity begins as the first gradient.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function sgd(options: SgdOptions): Optimizer {
  const { learningRate, momentum, nesterov, weightDecay, dampening } = checkOptions('sgd', schema, options);
  return {
    kind: 'sgd',
    learningRate,
    config: { kind: 'sgd', learningRate, momentum, nesterov, weightDecay, dampening },
    slots: momentum === 0 ? [] : ['velocity'],

    prepare: ({ learningRate: stepSize, step }) => {
      const keep = tf.scalar(momentum);
      const penalty = tf.scalar(weightDecay);
      // 1 for the first update, then 1 - dampening.
      const share = dampening === 0 ? undefined : tf.sub(1, step.sub(1).minimum(1).mul(dampening));

      return (variable, gradient, slots, decay) => {
        const g = decay && weightDecay > 0 ? gradient.add(variable.mul(penalty)) : gradient;
        const { velocity } = slots;
        if (velocity === undefined) {
          if (updateInPlace('ResourceApplyGradientDescent', [variable], [stepSize, g])) return;
          variable.assign(variable.sub(g.mul(stepSize)));
          return;
        }
        const entering = share === undefined ? g : g.mul(share);
        if (!nesterov && updateInPlace('ResourceApplyMomentum', [variable, velocity], [stepSize, entering, keep]))
          return;
        if (nesterov && updateInPlace('ResourceApplyMomentum', [variable, velocity], [stepSize, g, keep], { nesterov }))
          return;
        const v = velocity.mul(keep).add(entering);
        velocity.assign(v);
        variable.assign(variable.sub(nesterov ? g.mul(stepSize).add(v.mul(keep).mul(stepSize)) : v.mul(stepSize)));
      };
    },
  };
}

/** `sgd`, as files name it. */
export const sgdKind: Kind<Optimizer, SgdOptions> = {
  kind: 'sgd',
  about: 'Stochastic gradient descent, with momentum or without.',
  options: schema,
  build: sgd,
};
