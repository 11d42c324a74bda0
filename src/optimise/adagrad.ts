import type * as tf from '@tensorflow/tfjs';
import { checkOptions, notNegative, optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { DECAY, LEARNING_RATE, type Optimizer } from './optimizer.ts';

export interface AdagradOptions {
  /** Size of a step, before the factor of the schedule. Default 0.01. */
  readonly learningRate?: number;
  /** What the sums of squares begin as. Default 0. */
  readonly initial?: number;
  /** Added to the root of the sum. Default 1e-10. */
  readonly epsilon?: number;
  /** L2 penalty, added to the gradient. Default 0. */
  readonly weightDecay?: number;
}

const schema = optionsOf('adagrad', {
  learningRate: notNegative.default(0.01).describe(LEARNING_RATE),
  initial: notNegative.default(0).describe('what the sums of squared gradients begin as'),
  epsilon: notNegative.default(1e-10).describe('added to the root of the sum'),
  weightDecay: notNegative.default(0).describe(`${DECAY}, added to the gradient`),
});

/**
 * Makes Adagrad (Duchi, Hazan and Singer 2011, the diagonal form): each number steps by its gradient over the root of the sum of all
 * its squared gradients.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function adagrad(options: AdagradOptions = {}): Optimizer {
  const { learningRate, initial, epsilon, weightDecay } = checkOptions('adagrad', schema, options);
  return {
    kind: 'adagrad',
    learningRate,
    config: { kind: 'adagrad', learningRate, initial, epsilon, weightDecay },
    slots: () => [{ name: 'sum', initial }],

    prepare:
      ({ learningRate: stepSize }) =>
      (variable, gradient, slots, decay) => {
        const { sum } = slots as { sum: tf.Variable };
        const g = decay && weightDecay > 0 ? gradient.add(variable.mul(weightDecay)) : gradient;
        const squares = sum.add(g.square());
        sum.assign(squares);
        variable.assign(variable.sub(g.div(squares.sqrt().add(epsilon)).mul(stepSize)));
      },
  };
}

/** `adagrad`, as files name it. */
export const adagradKind: Kind<Optimizer, AdagradOptions> = {
  kind: 'adagrad',
  about: 'Steps by the gradient over the root of the sum of all its squares.',
  options: schema,
  build: adagrad,
};
