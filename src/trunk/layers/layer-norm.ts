import * as tf from '@tensorflow/tfjs';
import type { BlockContext } from '../../task/contract.ts';

const EPSILON = 1e-5;

/**
 * Layer normalisation over the last axis (Ba et al. 2016). The gradient is written by hand: tfjs would replay every
 * operation of the mean and the variance.
 */
export function layerNorm(context: BlockContext, name: string, width: number) {
  const gain = context.variable(`${name}/gain`, [width], 'ones');
  const bias = context.variable(`${name}/bias`, [width], 'zeros');
  const normalise = tf.customGrad((input: tf.Tensor | tf.GradSaveFunc, save: tf.Tensor | tf.GradSaveFunc) => {
    const x = input as tf.Tensor;
    const mean = x.mean(-1, true); // […, 1]
    const centred = x.sub(mean);
    const inverse = centred.square().mean(-1, true).add(EPSILON).rsqrt(); // […, 1]
    const value = centred.mul(inverse);
    (save as tf.GradSaveFunc)([value, inverse]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [normal, scale] = saved as [tf.Tensor, tf.Tensor];
        // dx = (dy - mean(dy) - y mean(dy y)) / deviation
        const projection = normal.mul(dy.mul(normal).mean(-1, true));
        return dy.sub(dy.mean(-1, true)).sub(projection).mul(scale);
      },
    };
  });
  return <T extends tf.Tensor>(x: T): T => normalise(x).mul(gain).add(bias) as T;
}
