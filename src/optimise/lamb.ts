import * as tf from '@tensorflow/tfjs';
import { checkOptions, notNegative, optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { type AdamOptions, adamOptions, correction } from './adam-rule.ts';
import { DECAY, type Optimizer } from './optimizer.ts';

const schema = optionsOf('lamb', {
  ...adamOptions,
  epsilon: notNegative.default(1e-6).describe('added to the root of that mean'),
  weightDecay: notNegative.default(0.01).describe(`${DECAY}, added to the step before it is scaled`),
});

/**
 * Makes LAMB (You et al. 2020, algorithm 2, with phi the identity): Adam's step of a kernel, weight decay in it, is as long as the
 * learning rate's share of the kernel. Biases and norms take Adam's step as it is; so does a kernel of zeros.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function lamb(options: AdamOptions = {}): Optimizer {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = checkOptions('lamb', schema, options);
  return {
    kind: 'lamb',
    learningRate,
    config: { kind: 'lamb', learningRate, beta1, beta2, epsilon, weightDecay },
    slots: ['mean', 'square'],

    prepare: ({ learningRate: stepSize, step }) => {
      const [gain1, gain2] = [tf.scalar(1 - beta1), tf.scalar(1 - beta2)];
      const [correction1, correction2] = [correction(beta1, step), correction(beta2, step).sqrt()];

      return (variable, gradient, slots, decay) => {
        const { mean, square } = slots as { mean: tf.Variable; square: tf.Variable };
        const m = mean.add(gradient.sub(mean).mul(gain1));
        const v = square.add(gradient.square().sub(square).mul(gain2));
        mean.assign(m);
        square.assign(v);
        const adam = m.div(correction1).div(v.sqrt().div(correction2).add(epsilon));
        const update = decay ? scaledTo(variable, adam.add(variable.mul(weightDecay))) : adam;
        variable.assign(variable.sub(update.mul(stepSize)));
      };
    },
  };
}

const lengthOf = (x: tf.Tensor): tf.Scalar => x.square().sum<tf.Scalar>().sqrt();

/** Makes an update as long as its variable; where one of the two has no length, it stays as it is. */
function scaledTo(variable: tf.Tensor, update: tf.Tensor): tf.Tensor {
  const ratio = lengthOf(variable).divNoNan(lengthOf(update));
  return update.mul(tf.where(ratio.greater(0), ratio, tf.onesLike(ratio)));
}

/** `lamb`, as files name it. */
export const lambKind: Kind<Optimizer, AdamOptions> = {
  kind: 'lamb',
  about: 'Adam whose step is as long as a share of the kernel that it changes, for large batches.',
  options: schema,
  build: lamb,
};
