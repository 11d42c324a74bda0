import * as tf from '@tensorflow/tfjs';
import { BanyanError, type Call, type HeadFactory, meanAbsoluteError, squaredError } from 'banyan-ml';
import { layerNorm, linear, maskedMean } from 'banyan-ml/layers';
import { accuracy1 } from '../accuracy-1.ts';
import { tempoScale } from '../decodings/tempo.ts';

export interface TempoOptions {
  /** The least tempo that a target may have, in beats a minute. */
  readonly slowest: number;
  /** The greatest tempo that a target may have, in beats a minute. */
  readonly fastest: number;
  /** So many distances of tokens are compared, from 0 on: as many as one and a half of the slowest beats last, or more. */
  readonly lags: number;
}

/** The autocorrelations of so many curves are added. */
const CURVES = 8;

/**
 * Makes the head that tells how many beats a minute music has. It goes the way of tempo estimators before networks, with learned
 * parts: a linear layer on the tokens gives curves over time, as the onset strength is one; their autocorrelation tells the
 * distance between beats and forgets where they are (Percival and Tzanetakis 2014, "Streamlined tempo estimation based on
 * autocorrelation and cross-correlation with pulses"); two layers read the tempo from it. Several curves tell apart beats
 * that are nearer to each other than two tokens. A target is beats a minute; NaN is a missing label. The output `[batch, 1]` says
 * where the tempo lies between slowest (-1) and fastest (1), on a logarithmic scale as tempi are heard; its squared error is the
 * loss. The metrics are the mean absolute error in beats a minute, and accuracy 1. A prediction is beats a minute, and may lie
 * outside the range.
 * @throws BanyanError `argument` for a range that is none or less than 2 lags; `data`, when a target is prepared, for one outside the
 * range.
 */
export function tempo(options: TempoOptions): HeadFactory<number, number, tf.Tensor2D> {
  const { slowest, fastest, lags } = options;
  if (!(slowest > 0 && slowest < fastest && fastest < Number.POSITIVE_INFINITY)) {
    throw new BanyanError(
      'argument',
      `tempo: expected 0 < slowest < fastest, in beats a minute, received ${slowest} and ${fastest}. Give the range that the targets have.`,
    );
  }
  if (!(Number.isInteger(lags) && lags >= 2)) {
    throw new BanyanError(
      'argument',
      `tempo: lags must be a whole number >= 2, received ${lags}. Give the number of tokens in one and a half of the slowest beats.`,
    );
  }
  const scale = tempoScale({ slowest, fastest });
  const loss = squaredError();

  return (context) => {
    context.settings({ slowest, fastest, lags });
    const curves = linear(context, 'curves', context.width, CURVES);
    const normalised = layerNorm(context, 'autocorrelation', lags);
    const hidden = linear(context, 'hidden', lags, context.width, { activation: 'relu' });
    const position = linear(context, 'position', context.width, 1);
    return {
      target: {
        shape: [],
        dtype: 'float32',
        prepare: (target) => {
          if (typeof target === 'number' && target >= slowest && target <= fastest) return scale.positionOf(target);
          throw new BanyanError(
            'data',
            `Task "${context.task}": expected a tempo from ${slowest} to ${fastest} beats a minute, or NaN for a missing label, received ${typeof target === 'number' ? target : JSON.stringify(target)}. Correct the source's targets, or the head's "slowest" and "fastest".`,
          );
        },
      },
      metrics: [meanAbsoluteError(), accuracy1()],
      forward: (tokens, call) => {
        const similar = autocorrelation(curves(tokens), lags, call); // [batch, lags]
        return position(hidden(normalised(similar))); // [batch, 1]
      },
      loss: (output, target) => loss(output, target), // [batch]
      decoding: { kind: 'tempo' },
      decode: (output) => scale.tempoAt(output[0]!),
      outcomes: { names: ['the tempo'] },
      explain: (prediction, target) => ({
        predicted: beats(prediction),
        ...(target === undefined ? {} : { expected: beats(target) }),
      }),
    };
  };
}

const beats = (tempo: number): string => `${Math.round(tempo)} beats a minute`;

/**
 * `Σ_t Σ_c x[t, c] x[t + lag, c]` of curves without their mean, `[batch, positions, curves]` to `[batch, lags]`: sums along the
 * diagonals of one product, which lie below each other once each row begins one place later.
 */
function autocorrelation(curves: tf.Tensor3D, lags: number, call: Call): tf.Tensor2D {
  const positions = curves.shape[1];
  const mean = maskedMean(curves, call).expandDims(1); // [batch, 1, curves]
  const centred = curves.sub(mean); // [batch, positions, curves]
  const x = call.mask === undefined ? centred : centred.mul(call.mask.expandDims(2)); // [batch, positions, curves]
  const products = tf.matMul(x, x, false, true); // [batch, positions, positions]
  const row = positions + lags;
  const flat = tf
    .pad(products, [
      [0, 0],
      [0, 0],
      [0, lags],
    ])
    .reshape([-1, positions * row]); // [batch, positions * row]
  const skewed = tf
    .pad(flat, [
      [0, 0],
      [0, positions],
    ])
    .reshape([-1, positions, row + 1]); // [batch, positions, row + 1]
  return skewed.slice([0, 0, 0], [-1, -1, lags]).sum(1) as tf.Tensor2D; // [batch, lags]
}
