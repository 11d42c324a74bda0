import * as tf from '@tensorflow/tfjs';
import { BanyanError, type Stem, type StemContext, type StemFactory } from 'banyan-ml';
import { addBias, linear, relu } from 'banyan-ml/layers';
import { check, count } from 'banyan-ml/plugin';

const KERNEL = 3;

export interface ObservationStemOptions {
  /** The shape of one observation, `[numbers]` or `[rows, columns, channels]`, as the environment has it. */
  readonly shape: readonly number[];
  /** 3 x 3 convolutions with ReLU, without padding, over a picture give so many channels each. Default: there are none. */
  readonly filters?: readonly number[];
  /** Layers with ReLU over all that is there then give so many numbers each. Default: there are none. */
  readonly hidden?: readonly number[];
}

/**
 * Makes the stem that turns an observation of an environment into one token: convolutions where it is a picture, hidden layers over
 * all that is there, then a linear one. `[batch, …shape]` becomes `[batch, 1, width]`.
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
  if (!fits || !filters.every((channels) => Number.isInteger(channels) && channels >= 1)) {
    throw new BanyanError(
      'argument',
      `observationStem: filters must be whole numbers >= 1 over a picture [rows, columns, channels] of which each takes ${KERNEL - 1} rows and columns, received [${filters.join(', ')}] for shape [${shape.join(', ')}]. Leave out filters, or give the shape of a larger picture.`,
    );
  }
  for (const size of hidden) check('observationStem', { hidden: size }, count);
  const size = shape.reduce((a, b) => a * b, 1);
  const flat = filters.length === 0 ? size : left[0] * left[1] * filters.at(-1)!;
  const stem = (context: StemContext): Stem<Float32Array> => {
    context.settings({ shape, filters, hidden });
    const layers = filters.map((outputs, i) => {
      const inputs = i === 0 ? shape[2]! : filters[i - 1]!;
      const kernel = context.variable(`conv-${i}/kernel`, [KERNEL, KERNEL, inputs, outputs], 'heNormal');
      const bias = context.variable(`conv-${i}/bias`, [outputs], 'zeros');
      return (x: tf.Tensor4D) => relu(addBias(tf.conv2d(x, kernel, 1, 'valid'), bias));
    });
    const widths = [flat, ...hidden];
    const dense = hidden.map((outputs, i) =>
      linear(context, `hidden-${i}`, widths[i]!, outputs, { activation: 'relu', initializer: 'heNormal' }),
    );
    const token = linear(context, 'token', widths.at(-1)!, context.width, { initializer: 'heNormal' });
    return {
      modality: 'control',
      inputShape: shape,
      dtypes: ['float32'],
      preparation: { kind: 'numbers' },
      positions: 1,
      prepare: (raw) => {
        if (raw.length === size) return raw;
        throw new BanyanError(
          'shape',
          `Task "${context.task}": expected observations of ${size} numbers, received ${raw.length}. Correct the stem's shape.`,
        );
      },
      forward: (batch) => {
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
