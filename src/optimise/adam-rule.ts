import * as tf from '@tensorflow/tfjs';
import { notNegative, rate } from '../check.ts';
import { hasKernels, operations, realAttributes, updateInPlace } from '../runtime/index.ts';
import { LEARNING_RATE, type Optimizer } from './optimizer.ts';

export interface AdamOptions {
  /** Size of a step, before the factor of the schedule. Default 0.001. */
  readonly learningRate?: number;
  /** Decay of the mean of gradients. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients. Default 0.999. */
  readonly beta2?: number;
  /** Added to the root after the bias correction, as in the paper. Default 1e-8. */
  readonly epsilon?: number;
  /** How fast kernels shrink; biases and norms do not. Default 0 for `adam`, 0.01 for `adamW`. */
  readonly weightDecay?: number;
}

/** The options of both, without `weightDecay`. */
export const adamOptions = {
  learningRate: notNegative.default(0.001).describe(LEARNING_RATE),
  beta1: rate.default(0.9).describe('decay of the mean of gradients'),
  beta2: rate.default(0.999).describe('decay of the mean of their squares'),
  epsilon: notNegative.default(1e-8).describe('added to the root of that mean'),
};

/**
 * Makes the optimiser that both are. Weight decay is an L2 penalty of the loss, or, where it is `decoupled`, beside the gradient.
 * @param options were checked, and none is left out.
 */
export function adamRule(kind: string, options: Required<AdamOptions>, decoupled: boolean): Optimizer {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = options;
  // TensorFlow's update operation takes them in float32, and 1 - beta2 has few digits there: the bias correction must be
  // that of the same number.
  const [decay1, decay2] = [Math.fround(beta1), Math.fround(beta2)];
  return {
    kind,
    learningRate,
    config: { kind, learningRate, beta1, beta2, epsilon, weightDecay },
    slots: ['mean', 'square'],

    prepare: ({ learningRate: stepSize, step, together }) => {
      // Both corrections move into two scalars: rate / c1 * m / (sqrt(v / c2) + e) = r * m / (sqrt(v) + e sqrt(c2)).
      const root = correction(decay2, step).sqrt();
      const correctedRate = stepSize.mul(root).div(correction(decay1, step));
      const correctedEpsilon = root.mul(epsilon);
      const [gain1, gain2, none] = [tf.scalar(1 - decay1), tf.scalar(1 - decay2), tf.scalar(0)];
      const penalty = decoupled ? tf.sub(1, stepSize.mul(weightDecay)) : tf.scalar(weightDecay);

      return (variable, gradient, slots, decay) => {
        const { mean, square } = slots as { mean: tf.Variable; square: tf.Variable };
        const changed = [variable, mean, square];
        const decays = decay && weightDecay > 0;
        const g = decays && !decoupled ? gradient.add(variable.mul(penalty)) : gradient;
        if (decays && decoupled) variable.assign(variable.mul(penalty));
        // New values can be computed while other gradients are; where none is left to wait for, in place is faster.
        if (hasKernels() && !together) {
          const inputs = [...changed, g, correctedRate, correctedEpsilon];
          const after = operations('BanyanAdam', inputs, 3, realAttributes({ beta1: decay1, beta2: decay2 }));
          for (const [i, before] of changed.entries()) before.assign(after[i]!);
          return;
        }
        // Powers of beta that are 0: the bias correction is in the rate already.
        const operands = [none, none, correctedRate, tf.scalar(decay1), tf.scalar(decay2), correctedEpsilon, g];
        if (updateInPlace('ResourceApplyAdam', changed, operands)) return;
        const m = mean.add(g.sub(mean).mul(gain1));
        const v = square.add(g.square().sub(square).mul(gain2));
        mean.assign(m);
        square.assign(v);
        variable.assign(variable.sub(m.mul(correctedRate).div(v.sqrt().add(correctedEpsilon))));
      };
    },
  };
}

/** 1 - beta^step, without the digits that float32 would lose. */
export function correction(beta: number, step: tf.Scalar): tf.Scalar {
  return beta === 0 ? tf.scalar(1) : (step.mul(Math.log(beta)).expm1().neg() as tf.Scalar);
}
