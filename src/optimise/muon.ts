import * as tf from '@tensorflow/tfjs';
import { checkOptions, notNegative, optionsOf, rate } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { isHead } from '../scope.ts';
import { type AdamOptions, adamOptions, adamRule } from './adam-rule.ts';
import { DECAY, type Optimizer, type VariableFacts } from './optimizer.ts';

export interface MuonOptions extends AdamOptions {
  /** Share of the mean of a matrix's gradients that stays with each update. Default 0.95. */
  readonly momentum?: number;
}

const schema = optionsOf('muon', {
  ...adamOptions,
  momentum: rate.default(0.95).describe("share of the mean of a matrix's gradients that stays"),
  weightDecay: notNegative.default(0.1).describe(`${DECAY}, beside the gradient`),
});

/** An odd polynomial of degree 5 that brings singular values near 1, and how often it is applied (Jordan et al. 2024). */
const [LINEAR, CUBIC, QUINTIC] = [3.4445, -4.775, 2.0315];
const ITERATIONS = 5;
/** Keeps the quotient finite for a gradient of 0. */
const EPSILON = 1e-7;
/** The root mean square of AdamW's steps (Liu et al. 2025, section 2.2): a matrix and a bias can have one learning rate. */
const ADAM_SCALE = 0.2;

/**
 * Makes Muon (Jordan et al. 2024), with Nesterov momentum and the scale and weight decay of Liu et al. 2025 ("Muon is scalable for LLM
 * training", equation 4): a matrix's mean of gradients is made orthogonal and is the step. Matrices are the kernels of stems and
 * columns (variables whose name ends with `kernel`, a convolution's as `[height x width x inputs, outputs]`) with more than one
 * input and output. All else goes by AdamW with the same learning rate and weight decay: embeddings, heads, biases, norms.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function muon(options: MuonOptions = {}): Optimizer {
  const { momentum, ...others } = checkOptions('muon', schema, options);
  const { learningRate, weightDecay } = others;
  const rest = adamRule('adamw', others, true);
  return {
    kind: 'muon',
    learningRate,
    config: { kind: 'muon', ...others, momentum },
    slots: (variable) => (isMatrix(variable) ? [{ name: 'velocity' }] : [{ name: 'mean' }, { name: 'square' }]),

    prepare: (inputs) => {
      const { learningRate: stepSize } = inputs;
      const updateRest = rest.prepare(inputs);
      const gain = tf.scalar(1 - momentum);
      const kept = tf.sub(1, stepSize.mul(weightDecay));

      return (variable, gradient, slots, decay) => {
        const { velocity } = slots;
        if (velocity === undefined) return updateRest(variable, gradient, slots, decay);
        const mean = velocity.add(gradient.sub(velocity).mul(gain));
        velocity.assign(mean);
        const ahead = gradient.add(mean.sub(gradient).mul(momentum));
        const matrix = ahead.reshape([-1, variable.shape.at(-1)!]) as tf.Tensor2D; // [inputs, outputs]
        const scale = stepSize.mul(ADAM_SCALE * Math.sqrt(Math.max(...matrix.shape)));
        const shrunk = decay && weightDecay > 0 ? variable.mul(kept) : variable;
        variable.assign(shrunk.sub(orthogonal(matrix).mul(scale).reshape(variable.shape)));
      };
    },
  };
}

function isMatrix({ name, scope, shape }: VariableFacts): boolean {
  const outputs = shape.at(-1) ?? 1;
  const inputs = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  return name.endsWith('kernel') && !isHead(scope) && inputs > 1 && outputs > 1;
}

/** Brings the singular values of a matrix near 1 by Newton-Schulz iterations on its shorter side. */
function orthogonal(matrix: tf.Tensor2D): tf.Tensor2D {
  const [rows, columns] = matrix.shape;
  const isTall = rows > columns;
  const length = matrix.square().sum().sqrt().maximum(EPSILON);
  let x = (isTall ? matrix.transpose() : matrix).div<tf.Tensor2D>(length);
  for (let i = 0; i < ITERATIONS; i++) {
    const gram = tf.matMul(x, x, false, true);
    const polynomial = gram.mul(CUBIC).add<tf.Tensor2D>(tf.matMul(gram, gram).mul(QUINTIC));
    x = x.mul(LINEAR).add<tf.Tensor2D>(tf.matMul(polynomial, x));
  }
  return isTall ? x.transpose() : x;
}

/** `muon`, as files name it. */
export const muonKind: Kind<Optimizer, MuonOptions> = {
  kind: 'muon',
  about: 'Orthogonal steps of the kernels of stems and columns; AdamW for all else.',
  options: schema,
  build: muon,
};
