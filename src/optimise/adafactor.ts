import * as tf from '@tensorflow/tfjs';
import { checkOptions, notNegative, optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { DECAY, LEARNING_RATE, type Optimizer } from './optimizer.ts';

export interface AdafactorOptions {
  /** Size of a step in shares of a variable's root mean square, before the factor of the schedule. Default 0.01. */
  readonly learningRate?: number;
  /** How fast weights shrink, as a share of the learning rate. Default 0. */
  readonly weightDecay?: number;
}

const schema = optionsOf('adafactor', {
  learningRate: notNegative
    .default(0.01)
    .describe(`${LEARNING_RATE}, in shares of the root mean square of a variable's numbers`),
  weightDecay: notNegative.default(0).describe(`${DECAY}, beside the gradient`),
});

/** The decay of the means of squares is 1 - t^-0.8 (section 7.2). */
const DECAY_POWER = -0.8;
/** Stands for the root mean square of a variable that is near 0: epsilon 2 (section 8). */
const LEAST_SCALE = 1e-3;
/** The relative rounding of float32: what is divided by is no smaller. */
const ROUNDING = 2 ** -23;

/**
 * Makes Adafactor (Shazeer and Stern 2018, algorithms 4 and 5), as PyTorch has it: without momentum; of a matrix the squares' means by
 * row and by column stand for those of its numbers; an update's root mean square is at most 1 (`d`), and the step is relative to the
 * variable's own, at most `1 / sqrt(t)`. Variables of more axes are matrices of their last two.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function adafactor(options: AdafactorOptions = {}): Optimizer {
  const { learningRate, weightDecay } = checkOptions('adafactor', schema, options);
  return {
    kind: 'adafactor',
    learningRate,
    config: { kind: 'adafactor', learningRate, weightDecay },
    slots: ({ shape }) =>
      shape.length < 2
        ? [{ name: 'square' }]
        : [
            { name: 'rows', shape: [...shape.slice(0, -1), 1] },
            { name: 'columns', shape: [...shape.slice(0, -2), 1, shape.at(-1)!] },
          ],

    prepare: ({ learningRate: stepSize, step }) => {
      const gain = step.pow(DECAY_POWER);
      const share = stepSize.minimum(step.rsqrt());
      const kept = tf.sub(1, stepSize.mul(weightDecay));

      return (variable, gradient, slots, decay) => {
        const scale = rootMeanSquare(variable).maximum(LEAST_SCALE).mul(share);
        const update = gradient.mul(
          squaresOf(gradient, slots, gain)
            .maximum(ROUNDING ** 2)
            .rsqrt(),
        );
        const factor = scale.div(rootMeanSquare(update).maximum(1));
        const shrunk = decay && weightDecay > 0 ? variable.mul(kept) : variable;
        variable.assign(shrunk.sub(update.mul(factor)));
      };
    },
  };
}

const rootMeanSquare = (x: tf.Tensor): tf.Scalar => x.square().mean().sqrt() as tf.Scalar;

/** Moves the means of a gradient's squares, and gives them number by number. */
function squaresOf(gradient: tf.Tensor, slots: Readonly<Record<string, tf.Variable>>, gain: tf.Tensor): tf.Tensor {
  const { square, rows, columns } = slots;
  const squared = gradient.square();
  const move = (mean: tf.Variable, newest: tf.Tensor): tf.Tensor => {
    const moved = mean.add(newest.sub(mean).mul(gain));
    mean.assign(moved as tf.Tensor);
    return moved;
  };
  if (square !== undefined) return move(square, squared);
  const byRow = move(rows!, squared.mean(-1, true)); // [..., rows, 1]
  const byColumn = move(columns!, squared.mean(-2, true)); // [..., 1, columns]
  return byRow.mul(byColumn).div(byRow.mean(-2, true).maximum(ROUNDING));
}

/** `adafactor`, as files name it. */
export const adafactorKind: Kind<Optimizer, AdafactorOptions> = {
  kind: 'adafactor',
  about: 'Adaptive steps with next to no memory: means of squares by row and column, steps relative to the weights.',
  options: schema,
  build: adafactor,
};
