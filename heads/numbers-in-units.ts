import type * as tf from '@tensorflow/tfjs';
import {
  absoluteError,
  BanyanError,
  type Call,
  gaussianLikelihood,
  type HeadContext,
  type HuberOptions,
  huber,
  squaredError,
} from 'banyan-ml';
import { linear, type Pool, pooling } from 'banyan-ml/layers';
import { check, oneOf } from 'banyan-ml/plugin';

/** Mean and deviation of what is predicted, one number for a single output, or one each; `numberStatistics` gives them. */
export interface RegressorScale {
  readonly mean: number | readonly number[];
  readonly deviation: number | readonly number[];
}

const LOSSES = {
  squared: squaredError,
  absolute: absoluteError,
  huber,
  gaussian: gaussianLikelihood,
} as const;

/** The losses that numbers are learned by: see `regressor`. */
export type NumbersLoss = keyof typeof LOSSES | ({ readonly kind: 'huber' } & HuberOptions);

/** Several numbers that are predicted, in the order of the outputs. */
export interface Estimates {
  readonly values: Float32Array;
  /** The standard deviations that the network gives them, each in its target's unit, with the loss `gaussian`. */
  readonly deviations?: Float32Array;
}

/** The least spread that is told, in deviations of the target: the loss reckons with none below it. */
const LEAST_SPREAD = 1e-3;

export interface NumbersOptions {
  readonly scale?: () => RegressorScale;
  readonly loss?: NumbersLoss;
  readonly pool?: Pool;
}

/**
 * Makes what all heads of numbers have in common: the layer that gives `size` of them in units of their deviation, its loss, and the way to
 * and from these units.
 * @throws BanyanError `argument` for another loss, and, when it is built, for a scale that does not fit.
 */
export function numbersInUnits(options: NumbersOptions, size: number) {
  const { scale, loss: choice = 'squared', pool } = options;
  const { kind: loss, ...lossOptions } = typeof choice === 'string' ? { kind: choice } : choice;
  check('regressor', { loss }, oneOf('squared', 'absolute', 'huber', 'gaussian'));
  const spread = loss === 'gaussian';
  const lossOf = LOSSES[loss](lossOptions);
  return (context: HeadContext) => {
    context.settings({ scaled: scale !== undefined, spread });
    context.settings({ loss: choice }, { training: true });
    const { mean, deviation } =
      scale === undefined ? { mean: [], deviation: [] } : context.asset('scale', () => scaleOf(scale(), size));
    // A target that is constant has no unit.
    const unitOf = (i: number) => deviation[i] || 1;
    const meanOf = (i: number) => mean[i] ?? 0;
    const pooled = pooling(context, context.settings({ pool }).pool);
    // So that a head that knows nothing predicts the mean.
    const initializer = { normal: 0.1 / Math.sqrt(pooled.size) };
    const numbers = linear(context, 'numbers', pooled.size, spread ? 2 * size : size, { initializer });
    return {
      scaled: (x: number, i: number) => (x - meanOf(i)) / unitOf(i),
      unscaled: (output: Float32Array): Estimates => {
        const values = output.slice(0, size).map((x, i) => meanOf(i) + unitOf(i) * x);
        if (!spread) return { values };
        const spreadOf = (logVariance: number) => Math.max(LEAST_SPREAD, Math.exp(logVariance / 2));
        return { values, deviations: output.slice(size).map((x, i) => unitOf(i) * spreadOf(x)) };
      },
      forward: (tokens: tf.Tensor3D, call: Call) => numbers(pooled(tokens, call)), // [batch, outputs]
      loss: (output: tf.Tensor2D, target: tf.Tensor) => lossOf(output, target), // [batch]
    };
  };
}

/** Mean and deviation as lists of one number for each output. */
function scaleOf(scale: RegressorScale, size: number): { readonly mean: number[]; readonly deviation: number[] } {
  const [mean, deviation] = [scale.mean, scale.deviation].map((value) => [value].flat() as number[]) as [
    number[],
    number[],
  ];
  const fits = (list: readonly number[]) => list.length === size && list.every(Number.isFinite);
  if (fits(mean) && fits(deviation) && deviation.every((x) => x >= 0)) return { mean, deviation };
  throw new BanyanError(
    'argument',
    `regressor: scale must have a finite mean and deviation >= 0 for each of ${size} outputs, received mean [${mean.join(', ')}] and deviation [${deviation.join(', ')}]. Give those of the training split's targets.`,
  );
}
