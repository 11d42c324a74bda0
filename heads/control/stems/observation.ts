import * as tf from '@tensorflow/tfjs';
import { BanyanError, type StemContext, type StemFactory } from 'banyan-ml';
import { addBias, linear, relu } from 'banyan-ml/layers';
import { checkCounts } from '../check.ts';

const KERNEL = 3;

export interface ObservationStemOptions {
  /** Of one observation: `[numbers]`, or `[rows, columns, channels]`, as the environment has it. */
  readonly shape: readonly number[];
  /** Channels of 3 x 3 convolutions with ReLU, without padding, over a picture. Default: none. */
  readonly filters?: readonly number[];
  /** Numbers of layers with ReLU over all that is there then. Default: none. */
  readonly hidden?: readonly number[];
}

/**
 * An observation of an environment to one token: convolutions where it is a picture, hidden layers over all that is there, then a
 * linear one. `[batch, …shape]` to `[batch, 1, width]`.
 * @throws BanyanError `argument` for filters that do not fit the shape; `shape`, in `prepare`, for an observation of another
 * size.
 */
export function observationStem({
  shape,
  filters = [],
  hidden = [],
}: ObservationStemOptions): StemFactory<Float32Array> {
  const [rows = 0, columns = 0] = shape;
  const left = [rows, columns].map((size) => size - (KERNEL - 1) * filters.length) as [number, number];
  const fits = filters.length === 0 || (shape.length === 3 && left.every((size) => size >= 1));
  if (!fits || !filters.every((count) => Number.isInteger(count) && count >= 1)) {
    throw new BanyanError(
      'argument',
      `observationStem: filters must be whole numbers >= 1 over a picture [rows, columns, channels] of which each takes ${KERNEL - 1} rows and columns, received [${filters.join(', ')}] for shape [${shape.join(', ')}]. Correct them.`,
    );
  }
  for (const count of hidden) checkCounts('observationStem', { hidden: count });
  const size = shape.reduce((a, b) => a * b, 1);
  const flat = filters.length === 0 ? size : left[0] * left[1] * filters.at(-1)!;
  const stem = (context: StemContext) => {
    context.settings({ shape, filters, hidden });
    const layers = filters.map((outputs, i) => {
      const inputs = i === 0 ? shape[2]! : filters[i - 1]!;
      const kernel = context.variable(`conv-${i}/kernel`, [KERNEL, KERNEL, inputs, outputs], 'heNormal');
      const bias = context.variable(`conv-${i}/bias`, [outputs], 'zeros');
      return (x: tf.Tensor4D) => relu(addBias(tf.conv2d(x, kernel as tf.Tensor as tf.Tensor4D, 1, 'valid'), bias));
    });
    const widths = [flat, ...hidden];
    const dense = hidden.map((outputs, i) =>
      linear(context, `hidden-${i}`, widths[i]!, outputs, { activation: 'relu', initializer: 'heNormal' }),
    );
    const token = linear(context, 'token', widths.at(-1)!, context.width, { initializer: 'heNormal' });
    return {
      modality: 'control',
      inputShape: shape,
      positions: 1,
      prepare: (raw: Float32Array) => {
        if (raw.length === size) return raw;
        throw new BanyanError(
          'shape',
          `Task "${context.task}": expected observations of ${size} numbers, received ${raw.length}. Correct the stem's shape.`,
        );
      },
      forward: (batch: tf.Tensor): tf.Tensor3D => {
        let x = batch as tf.Tensor4D; // [batch, rows, columns, channels]
        for (const layer of layers) x = layer(x);
        let y = x.reshape([-1, 1, flat]) as tf.Tensor3D;
        for (const layer of dense) y = layer(y);
        return token(y); // [batch, 1, width]
      },
    };
  };
  return Object.assign(stem, { modality: 'control' });
}
