import * as tf from '@tensorflow/tfjs';
import { batchNormAttributes, hasOperations, operations } from '../runtime/index.ts';
import type { BlockContext, Call } from '../task/contract.ts';

const EPSILON = 1e-5;
const MOMENTUM = 0.1;

/**
 * Makes a batch normalisation over all axes but the last (Ioffe and Szegedy 2015). In training the batch's own statistics, which
 * also move the running ones by a tenth; otherwise the running ones.
 */
export function batchNorm(context: BlockContext, name: string, channels: number) {
  const gain = context.variable(`${name}/gain`, [channels], 'ones');
  const bias = context.variable(`${name}/bias`, [channels], 'zeros');
  const runningMean = context.variable(`${name}/running-mean`, [channels], 'zeros', { trainable: false });
  const runningVariance = context.variable(`${name}/running-variance`, [channels], 'ones', { trainable: false });

  /** rows `[n, channels]` to the same, mean 0 and variance 1 in each channel; with the gradient written by hand. */
  const normalise = tf.customGrad((input: tf.Tensor | tf.GradSaveFunc, save: tf.Tensor | tf.GradSaveFunc) => {
    const rows = input as tf.Tensor;
    const count = rows.shape[0]!;
    const mean = rows.mean(0); // [channels]
    const centred = rows.sub(mean);
    const variance = centred.square().mean(0); // [channels]
    const inverse = variance.add(EPSILON).rsqrt();
    const value = centred.mul(inverse);
    move(runningMean, mean);
    move(runningVariance, variance.mul(count / Math.max(1, count - 1)));
    (save as tf.GradSaveFunc)([value, inverse]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [normal, scale] = saved as [tf.Tensor, tf.Tensor];
        const projection = normal.mul(dy.mul(normal).mean(0));
        return dy.sub(dy.mean(0)).sub(projection).mul(scale);
      },
    };
  });

  /** Normalises `[n, height, width, channels]`, with gain and bias, by TensorFlow's operation for it and its gradient. */
  const onTensorFlow = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [x, gains, biases, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const none = tf.tensor1d([]); // Statistics of its own are for inference.
    const attributes = batchNormAttributes(EPSILON);
    const made = operations('FusedBatchNormV3', [x, gains, biases, none, none], 6, attributes);
    const [value, mean, variance, ...reserves] = made as [tf.Tensor, tf.Tensor, tf.Tensor, ...tf.Tensor[]];
    move(runningMean, mean);
    move(runningVariance, variance);
    save([x, gains, ...reserves]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        operations('FusedBatchNormGradV3', [dy, ...saved], 5, attributes).slice(0, 3),
    };
  });

  return <T extends tf.Tensor>(x: T, call: Call): T => {
    if (call.training && hasOperations()) {
      const pictures = x.rank === 4 ? x : x.reshape([-1, 1, 1, channels]);
      return onTensorFlow(pictures, gain, bias).reshape(x.shape) as T;
    }
    if (call.training) {
      const rows = normalise(x.reshape([-1, channels]));
      return rows.mul(gain).add(bias).reshape(x.shape) as T;
    }
    const scale = gain.mul(runningVariance.add(EPSILON).rsqrt());
    return x.mul(scale).add(bias.sub(runningMean.mul(scale))) as T;
  };
}

function move(running: tf.Variable, batch: tf.Tensor): void {
  running.assign(running.mul(1 - MOMENTUM).add(batch.mul(MOMENTUM)));
}
