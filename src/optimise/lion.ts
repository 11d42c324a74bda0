import * as tf from '@tensorflow/tfjs';
import { checkOptions, notNegative, optionsOf, rate } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { DECAY, LEARNING_RATE, type Optimizer } from './optimizer.ts';

export interface LionOptions {
  /** Size of a step of every number, before the factor of the schedule: a tenth to a third of AdamW's. Default 1e-4. */
  readonly learningRate?: number;
  /** Share of the mean of gradients in the direction of a step. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of gradients. Default 0.99. */
  readonly beta2?: number;
  /** How fast kernels shrink; biases and norms do not. Default 0. */
  readonly weightDecay?: number;
}

const schema = optionsOf('lion', {
  learningRate: notNegative.default(1e-4).describe(LEARNING_RATE),
  beta1: rate.default(0.9).describe('share of the mean of gradients in the direction of a step'),
  beta2: rate.default(0.99).describe('decay of the mean of gradients'),
  weightDecay: notNegative.default(0).describe(`${DECAY}, beside the gradient`),
});

/**
 * Makes Lion (Chen et al. 2023, algorithm 2): each number moves by the learning rate, in the direction of the sign of what momentum and
 * gradient agree on.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function lion(options: LionOptions = {}): Optimizer {
  const { learningRate, beta1, beta2, weightDecay } = checkOptions('lion', schema, options);
  return {
    kind: 'lion',
    learningRate,
    config: { kind: 'lion', learningRate, beta1, beta2, weightDecay },
    slots: ['mean'],

    prepare: ({ learningRate: stepSize }) => {
      const [gain1, gain2] = [tf.scalar(1 - beta1), tf.scalar(1 - beta2)];
      const kept = tf.sub(1, stepSize.mul(weightDecay));
      return (variable, gradient, slots, decay) => {
        const { mean } = slots as { mean: tf.Variable };
        const difference = gradient.sub(mean);
        const direction = mean.add(difference.mul(gain1)).sign();
        const shrunk = decay && weightDecay > 0 ? variable.mul(kept) : variable;
        variable.assign(shrunk.sub(direction.mul(stepSize)));
        mean.assign(mean.add(difference.mul(gain2)));
      };
    },
  };
}

/** `lion`, as files name it. */
export const lionKind: Kind<Optimizer, LionOptions> = {
  kind: 'lion',
  about: 'Steps of one size by the sign of the mean of gradients.',
  options: schema,
  build: lion,
};
