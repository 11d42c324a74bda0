import * as tf from '@tensorflow/tfjs';
import type { Optimizer } from 'banyan-ml';
import type { Kind } from 'banyan-ml/plugin';
import { z } from 'zod';

interface SignSgdOptions {
  readonly learningRate: number;
  readonly momentum: number;
}

/** Signum (Bernstein et al. 2018, "signSGD"): a step is the sign of the mean of the gradients. */
function signSgd({ learningRate, momentum }: SignSgdOptions): Optimizer {
  return {
    kind: 'sign-sgd',
    learningRate,
    config: { kind: 'sign-sgd', learningRate, momentum },
    slots: ['mean'],
    prepare:
      ({ learningRate: stepSize }) =>
      (variable, gradient, { mean }) => {
        mean!.assign(mean!.mul(momentum).add(gradient.mul(1 - momentum)));
        variable.assign(variable.sub(tf.sign(mean!).mul(stepSize)));
      },
  };
}

export const signSgdKind: Kind<Optimizer, SignSgdOptions> = {
  kind: 'sign-sgd',
  about: 'Steps by the sign of the mean of gradients.',
  options: z.object({
    learningRate: z.number().positive().describe('size of a step'),
    momentum: z.number().min(0).lt(1).default(0.9).describe('decay of the mean'),
  }),
  build: signSgd,
};
