import * as tf from '@tensorflow/tfjs';
import { checkOptions, notNegative, optionsOf, rate, wholeNumber } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { correction } from './adam-rule.ts';
import { DECAY, LEARNING_RATE, type Optimizer } from './optimizer.ts';

export interface ScheduleFreeOptions {
  /** Size of a step, larger than AdamW's: one to ten times as large. Default 0.0025. */
  readonly learningRate?: number;
  /** Share of the average in the weights at which gradients are taken. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients. Default 0.999. */
  readonly beta2?: number;
  /** Added to the root of that mean after its bias correction. Default 1e-8. */
  readonly epsilon?: number;
  /** Updates over which the rate rises in a line from `1 / warmup` to 1; 0: no rise. Default 0. */
  readonly warmup?: number;
  /** How fast kernels shrink; biases and norms do not. Default 0. */
  readonly weightDecay?: number;
}

const schema = optionsOf('schedule-free-adamw', {
  learningRate: notNegative.default(0.0025).describe(LEARNING_RATE),
  beta1: rate.default(0.9).describe('share of the average in the weights at which gradients are taken'),
  beta2: rate.default(0.999).describe('decay of the mean of squared gradients'),
  epsilon: notNegative.default(1e-8).describe('added to the root of that mean'),
  warmup: wholeNumber(0).default(0).describe('steps until the rate is whole'),
  weightDecay: notNegative.default(0).describe(`${DECAY}, beside the gradient`),
});

/**
 * Makes schedule-free AdamW (Defazio et al. 2024, algorithm 1): `z` steps by the gradient, `x` is the average of all `z`, each weighed
 * by the square of the largest learning rate so far, and gradients are taken at `y`, between the two, which is what is trained. The
 * weights to use are `x`. Weight decay is taken at `y`. Where no schedule is asked for, the learning rate is constant after the warm-up.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function scheduleFreeAdamW(options: ScheduleFreeOptions = {}): Optimizer {
  const checked = checkOptions('scheduleFreeAdamW', schema, options);
  const { learningRate, beta1, beta2, epsilon, warmup, weightDecay } = checked;
  return {
    kind: 'schedule-free-adamw',
    learningRate,
    config: { kind: 'schedule-free-adamw', ...checked },
    slots: () => [
      { name: 'z', initial: 'weights' },
      { name: 'x', initial: 'weights' },
      { name: 'square' },
      { name: 'peak', shape: [] },
      { name: 'weight', shape: [] },
    ],
    averaged: 'x',
    constantRate: true,

    prepare: ({ learningRate: whole, step }) => {
      const stepSize = warmup === 0 ? whole : whole.mul<tf.Scalar>(step.div(warmup).minimum(1));
      const gain2 = tf.scalar(1 - beta2);
      const root2 = correction(beta2, step).sqrt();

      return (variable, gradient, slots, decay) => {
        const { z, x, square } = slots as { z: tf.Variable; x: tf.Variable; square: tf.Variable };
        const squares = square.add(gradient.square().sub(square).mul(gain2));
        square.assign(squares);
        const adam = gradient.div(squares.sqrt().div(root2).add(epsilon));
        const update = decay && weightDecay > 0 ? adam.add(variable.mul(weightDecay)) : adam;
        const newest = z.sub(update.mul(stepSize));
        z.assign(newest);
        const average = x.add(newest.sub(x).mul(shareOfNewest(slots, stepSize)));
        x.assign(average);
        variable.assign(newest.add(average.sub(newest).mul(beta1)));
      };
    },
  };
}

/**
 * Gives the share of the newest `z` in the average, and moves the sum of all weights. That is kept in units of the newest weight: at a
 * constant rate it counts updates, which float32 does without rounding.
 */
function shareOfNewest(slots: Readonly<Record<string, tf.Variable>>, stepSize: tf.Scalar): tf.Tensor {
  const { peak, weight } = slots as { peak: tf.Variable; weight: tf.Variable };
  const highest = peak.maximum(stepSize);
  const sum = peak.divNoNan(highest).square().mul(weight).add(1);
  peak.assign(highest);
  weight.assign(sum);
  return tf.div(1, sum);
}

/** `scheduleFreeAdamW`, as files name it. */
export const scheduleFreeAdamWKind: Kind<Optimizer, ScheduleFreeOptions> = {
  kind: 'schedule-free-adamw',
  about: 'AdamW whose weights are averaged in place of a falling rate: it needs no schedule.',
  options: schema,
  build: scheduleFreeAdamW,
};
