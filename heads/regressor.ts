import type * as tf from '@tensorflow/tfjs';
import { BanyanError, type HeadFactory, type Metric, meanAbsoluteError, rmse, rSquared } from 'banyan-ml';
import type { Pool } from 'banyan-ml/layers';
import { check, count } from 'banyan-ml/plugin';
import { type Estimate, type Estimates, oneEstimate } from './decodings/estimates.ts';
import { type NumbersLoss, numbersInUnits, type RegressorScale } from './numbers-in-units.ts';

// Numbers from any modality: by the time tokens leave the trunk, they are all alike.

export interface RegressorOptions {
  /**
   * Makes mean and deviation of the targets of the training split, in whose units the head then learns, so that no target outweighs another
   * by its unit. It is called when a new network is built; a loaded one has its own. Default: targets are learned as they are.
   */
  readonly scale?: () => RegressorScale;
  /**
   * - `squared`: leads to the mean.
   * - `absolute`: leads to the median; wild targets move it little.
   * - `huber`: between both: squared up to one deviation, or the `delta` of `{ kind: 'huber', delta }`, absolute from there on.
   * - `gaussian`: learns with each number how far off it may be, and tells it as `deviation` (`gaussianLikelihood`).
   *
   * Default `squared`.
   */
  readonly loss?: NumbersLoss;
  /** One vector is made of the tokens in this way: see `pooling`, which also has the default. */
  readonly pool?: Pool;
}

export type { Estimate, Estimates, RegressorScale };

/**
 * Makes the head that predicts a number: `pooling` makes one vector of the tokens, a linear layer gives `[batch, 1]` in units of the
 * targets' deviation from their mean, and `decode` scales it back. A target is a finite number; NaN is a missing label. The metrics are the
 * root of the mean squared error and the mean absolute error, in the target's unit, and R².
 * @throws BanyanError `argument` for an option that is wrong; `data`, when a target is prepared, for one that is no number.
 */
export function regressor(options?: RegressorOptions): HeadFactory<number, Estimate, tf.Tensor2D>;
/**
 * Makes the head that predicts several numbers, `outputs` or one for each of these names, from one vector, `[batch, outputs]`. A target is a
 * list of as many numbers, NaN for those that are missing; a loss is the mean over those that are there. Where outputs have names, each has
 * its root of the mean squared error as a metric; else the metrics are over all numbers.
 * @throws BanyanError as above; `shape`, when a target is prepared, for another number of numbers.
 */
export function regressor(
  options: RegressorOptions & { readonly outputs: number | readonly string[] },
): HeadFactory<ArrayLike<number>, Estimates, tf.Tensor2D>;
export function regressor(
  options: RegressorOptions & { readonly outputs?: number | readonly string[] } = {},
): HeadFactory<number, Estimate, tf.Tensor2D> | HeadFactory<ArrayLike<number>, Estimates, tf.Tensor2D> {
  const { outputs } = options;
  return outputs === undefined ? single(options) : several(options, outputs);
}

function single(options: RegressorOptions): HeadFactory<number, Estimate, tf.Tensor2D> {
  const makeCore = numbersInUnits(options, 1);
  return (context) => {
    const { scaled, unscaled, inUnits, forward, loss } = makeCore(context);
    return {
      target: {
        shape: [],
        dtype: 'float32',
        prepare: (target) => {
          if (Number.isFinite(target)) return scaled(target, 0);
          throw noNumber(context.task, 'a finite number, or NaN for a missing label', target);
        },
      },
      metrics: [rmse(), meanAbsoluteError(), rSquared()].map((metric) =>
        ofPrediction(metric, ({ value }: Estimate) => value),
      ),
      forward,
      loss,
      outcomes: { names: ['the number'], pick: inUnits },
      decoding: { kind: 'estimate' },
      decode: (output) => oneEstimate(unscaled(output)),
      explain: ({ value, deviation }, target) => ({
        predicted: inWords(value, deviation),
        ...(target === undefined ? {} : { expected: inWords(target) }),
      }),
    };
  };
}

function several(
  options: RegressorOptions,
  outputs: number | readonly string[],
): HeadFactory<ArrayLike<number>, Estimates, tf.Tensor2D> {
  const names = typeof outputs === 'number' ? undefined : outputs;
  const size = typeof outputs === 'number' ? outputs : outputs.length;
  check('regressor', { outputs: size }, count);
  const twice = names?.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) {
    throw new BanyanError(
      'argument',
      `regressor: expected each name of an output once, received "${twice}" twice. Rename one of them.`,
    );
  }
  const makeCore = numbersInUnits(options, size);
  const nameOf = (i: number) => names?.[i] ?? `number ${i}`;
  const listed = (numbers: ArrayLike<number>, deviations?: ArrayLike<number>) =>
    Array.from(numbers, (x, i) => `${names === undefined ? '' : `${names[i]} `}${inWords(x, deviations?.[i])}`).join(
      ', ',
    );

  return (context) => {
    context.settings({ outputs: names === undefined ? size : [...names] });
    const { scaled, unscaled, inUnits, forward, loss } = makeCore(context);
    return {
      target: {
        shape: [size],
        dtype: 'float32',
        prepare: (target) => {
          if (target?.length !== size) {
            throw new BanyanError(
              'shape',
              `Task "${context.task}": expected a list of ${size} numbers as target, received ${target?.length === undefined ? JSON.stringify(target) : `${target.length} of them`}. Give NaN for a number that is missing, or correct the regressor's "outputs".`,
            );
          }
          return Float32Array.from(target, (x, i) => {
            if (Number.isNaN(x) || Number.isFinite(x)) return scaled(x, i);
            throw noNumber(context.task, `a finite number as ${nameOf(i)}, or NaN where it is missing`, x);
          });
        },
      },
      metrics:
        names === undefined
          ? [rmse(), meanAbsoluteError(), rSquared()].map((metric) =>
              ofPrediction(metric, ({ values }: Estimates) => values),
            )
          : names.map((name, i) => rmseOf(name, i)),
      forward,
      loss,
      outcomes: {
        names: Array.from({ length: size }, (_, i) => nameOf(i)),
        pick: inUnits,
      },
      decoding: { kind: 'estimates' },
      decode: unscaled,
      explain: ({ values, deviations }, target) => ({
        predicted: listed(values, deviations),
        ...(target === undefined ? {} : { expected: listed(target) }),
      }),
    };
  };
}

const ofPrediction = <Target, Number, Prediction>(
  metric: Metric<Target, Number>,
  pick: (prediction: Prediction) => Number,
): Metric<Target, Prediction> => ({
  ...metric,
  update: (target, prediction) => metric.update(target, pick(prediction)),
});

function rmseOf(name: string, i: number): Metric<ArrayLike<number>, Estimates> {
  const metric = rmse();
  return {
    ...metric,
    name: `rmse-${name}`,
    update: (target, { values }) => metric.update([target[i]!], [values[i]!]),
  };
}

const inWords = (x: number, deviation?: number): string => {
  const short = (value: number) => String(Number(value.toPrecision(4)));
  return deviation === undefined ? short(x) : `${short(x)} ± ${short(deviation)}`;
};

function noNumber(task: string, expected: string, received: unknown): BanyanError {
  return new BanyanError(
    'data',
    `Task "${task}": expected ${expected}, received ${typeof received === 'number' ? received : JSON.stringify(received)}. Correct the source's targets.`,
  );
}
