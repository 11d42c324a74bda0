import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../error.ts';
import { updateInPlace } from '../runtime/index.ts';
import { checkHyperparameters, type Optimizer } from './optimizer.ts';

export interface SgdOptions {
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

/**
 * Stochastic gradient descent, with PyTorch's meaning of its options: the learning rate multiplies the velocity, it is not
 * part of it, and the velocity begins as the first gradient.
 */
export function sgd(options: SgdOptions): Optimizer {
  const { learningRate, momentum = 0, nesterov = false, weightDecay = 0, dampening = 0 } = options;
  checkHyperparameters('sgd', {
    learningRate: [learningRate, Number.POSITIVE_INFINITY],
    momentum: [momentum, 1],
    weightDecay: [weightDecay, Number.POSITIVE_INFINITY],
    dampening: [dampening, 1],
  });
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    throw new BanyanError(
      'argument',
      `sgd: nesterov needs momentum > 0 and dampening 0, received momentum ${momentum} and dampening ${dampening}. Set a momentum, or leave nesterov out.`,
    );
  }
  return {
    kind: 'sgd',
    learningRate,
    config: { kind: 'sgd', learningRate, momentum, nesterov, weightDecay, dampening },
    slots: momentum === 0 ? [] : ['velocity'],

    prepare: ({ learningRate: rate, step }) => {
      const keep = tf.scalar(momentum);
      const penalty = tf.scalar(weightDecay);
      // 1 for the first update, then 1 - dampening.
      const share = dampening === 0 ? undefined : tf.sub(1, step.sub(1).minimum(1).mul(dampening));

      return (variable, gradient, slots, decay) => {
        const g = decay && weightDecay > 0 ? gradient.add(variable.mul(penalty)) : gradient;
        const { velocity } = slots;
        if (velocity === undefined) {
          if (updateInPlace('ResourceApplyGradientDescent', [variable], [rate, g])) return;
          variable.assign(variable.sub(g.mul(rate)));
          return;
        }
        const entering = share === undefined ? g : g.mul(share);
        if (!nesterov && updateInPlace('ResourceApplyMomentum', [variable, velocity], [rate, entering, keep])) return;
        if (nesterov && updateInPlace('ResourceApplyMomentum', [variable, velocity], [rate, g, keep], { nesterov }))
          return;
        const v = velocity.mul(keep).add(entering);
        velocity.assign(v);
        variable.assign(variable.sub(nesterov ? g.mul(rate).add(v.mul(keep).mul(rate)) : v.mul(rate)));
      };
    },
  };
}
