import * as tf from '@tensorflow/tfjs';
import { checkOptions, notNegative, optionsOf, rate } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { DECAY, LEARNING_RATE, type Optimizer } from './optimizer.ts';

export interface RmspropOptions {
  /** Size of a step, before the factor of the schedule. Default 0.01. */
  readonly learningRate?: number;
  /** Decay of the mean of squared gradients. Default 0.99. */
  readonly alpha?: number;
  /** Share of the last step that is made again. Default 0. */
  readonly momentum?: number;
  /** Added to the root of that mean. Default 1e-8. */
  readonly epsilon?: number;
  /** L2 penalty, added to the gradient. Default 0. */
  readonly weightDecay?: number;
}

const schema = optionsOf('rmsprop', {
  learningRate: notNegative.default(0.01).describe(LEARNING_RATE),
  alpha: rate.default(0.99).describe('decay of the mean of squared gradients'),
  momentum: rate.default(0).describe('share of the last step that is made again'),
  epsilon: notNegative.default(1e-8).describe('added to the root of that mean'),
  weightDecay: notNegative.default(0).describe(`${DECAY}, added to the gradient`),
});

/**
 * Makes RMSprop (Tieleman and Hinton 2012, lecture 6.5), with PyTorch's meaning of its options: epsilon is added outside the root, and
 * the learning rate multiplies the velocity.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  const { learningRate, alpha, momentum, epsilon, weightDecay } = checkOptions('rmsprop', schema, options);
  return {
    kind: 'rmsprop',
    learningRate,
    config: { kind: 'rmsprop', learningRate, alpha, momentum, epsilon, weightDecay },
    slots: momentum === 0 ? ['square'] : ['square', 'velocity'],

    prepare: ({ learningRate: stepSize }) => {
      const gain = tf.scalar(1 - alpha);
      return (variable, gradient, slots, decay) => {
        const { square, velocity } = slots as { square: tf.Variable; velocity?: tf.Variable };
        const g = decay && weightDecay > 0 ? gradient.add(variable.mul(weightDecay)) : gradient;
        const mean = square.add(g.square().sub(square).mul(gain));
        square.assign(mean);
        const direction = g.div(mean.sqrt().add(epsilon));
        const step = velocity === undefined ? direction : velocity.mul(momentum).add(direction);
        velocity?.assign(step);
        variable.assign(variable.sub(step.mul(stepSize)));
      };
    },
  };
}

/** `rmsprop`, as files name it. */
export const rmspropKind: Kind<Optimizer, RmspropOptions> = {
  kind: 'rmsprop',
  about: 'Steps by the gradient over the root of the mean of its squares, with momentum or without.',
  options: schema,
  build: rmsprop,
};
