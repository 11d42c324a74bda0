import * as tf from '@tensorflow/tfjs';
import { hasKernels, operations, realAttributes } from '../runtime/index.ts';
import type { BlockContext } from '../task/contract.ts';
import { sumToBias } from './add-bias.ts';

export interface LayerNormOptions {
  /** The number that is added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /**
   * What the gain begins with: `ones`, or `zeros` where the result is added to something, which then passes as it is until the layers before
   * the normalisation have learned what to add (Goyal et al. 2017, section 5.1). Default `ones`.
   */
  readonly gain?: 'ones' | 'zeros';
}

/**
 * Makes a layer normalisation over the last axis (Ba et al. 2016). The gradient is written by hand: tfjs would replay every operation of the
 * mean and the variance.
 */
export function layerNorm(context: BlockContext, name: string, width: number, options: LayerNormOptions = {}) {
  const { epsilon = 1e-5, gain: begin = 'ones' } = options;
  const gain = context.variable(`${name}/gain`, [width], begin);
  const bias = context.variable(`${name}/bias`, [width], 'zeros');
  const normalise = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [x, gains, biases, save] = args as [tf.Tensor2D, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    const centred = x.sub(x.mean(1, true)); // [rows, width]
    const inverse = centred.square().mean(1, true).add(epsilon).rsqrt(); // [rows, 1]
    const normal = centred.mul(inverse); // [rows, width]
    save([normal, inverse, gains]);
    return {
      value: normal.mul(gains).add(biases),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [normal, inverse, gains] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
        const product = dy.mul<tf.Tensor2D>(normal); // [rows, width]
        // With g = dy gain: dx = (g - mean(g) - y mean(g y)) / deviation. Both means are products with gain / width.
        const shares = gains.div(width).reshape([width, 1]) as tf.Tensor2D;
        const mean = tf.matMul(dy as tf.Tensor2D, shares); // [rows, 1]
        const projection = tf.matMul(product, shares); // [rows, 1]
        const dx = dy.mul(gains).sub(mean).sub(normal.mul(projection)).mul(inverse); // [rows, width]
        return [dx, sumToBias(product), sumToBias(dy)];
      },
    };
  });
  const normaliseByKernel = byKernel(epsilon);
  return <T extends tf.Tensor>(x: T): T => {
    const apply = hasKernels() ? normaliseByKernel : normalise;
    return apply(x.reshape([-1, width]), gain, bias).reshape(x.shape) as T;
  };
}

/** Normalises `[rows, width]` by the framework's own kernels, each of which reads its numbers once. */
const byKernel = (epsilon: number) =>
  tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [x, gains, biases, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const [value, statistics] = operations('BanyanLayerNorm', [x, gains, biases], 2, realAttributes({ epsilon }));
    save([x, gains, statistics!]);
    return {
      value: value!,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => operations('BanyanLayerNormGrad', [dy, ...saved], 3),
    };
  });
