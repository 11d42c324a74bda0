import * as tf from '@tensorflow/tfjs';
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
import { decodeEstimates, type Estimates, type ScaleOfOutputs, unitsOf } from './decodings/estimates.ts';

export type { Estimates };

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
export type NumbersLoss = 'squared' | 'absolute' | 'huber' | 'gaussian' | ({ readonly kind: 'huber' } & HuberOptions);

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
    const units = unitsOf(scale === undefined ? undefined : context.asset('scale', () => scaleOf(scale(), size)));
    const pooled = pooling(context, context.settings({ pool }).pool);
    // So that a head that knows nothing predicts the mean.
    const initializer = { normal: 0.1 / Math.sqrt(pooled.size) };
    const numbers = linear(context, 'numbers', pooled.size, spread ? 2 * size : size, { initializer });
    return {
      scaled: units.scaled,
      unscaled: decodeEstimates({ units, spread }),
      /** The numbers in units of the targets, `[batch, size]`. */
      inUnits: (output: tf.Tensor2D): tf.Tensor2D => {
        const each = (of: (i: number) => number) => tf.tensor1d(Array.from({ length: size }, (_, i) => of(i)));
        return output
          .slice([0, 0], [-1, size])
          .mul(each(units.unitOf))
          .add(each((i) => units.unscaled(0, i)));
      },
      forward: (tokens: tf.Tensor3D, call: Call) => numbers(pooled(tokens, call)), // [batch, outputs]
      loss: (output: tf.Tensor2D, target: tf.Tensor) => lossOf(output, target), // [batch]
    };
  };
}

/** Mean and deviation as lists of one number for each output. */
function scaleOf(scale: RegressorScale, size: number): ScaleOfOutputs {
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
