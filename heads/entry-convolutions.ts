import * as tf from '@tensorflow/tfjs';
import type { StemContext } from 'banyan-ml';
import { layerNorm, type Maps, relu } from 'banyan-ml/layers';

const KERNEL = 3;
const EPSILON = 1e-6;

/**
 * Makes the 3 x 3 convolutions, each with a layer normalisation over the channels and with ReLU between them, that stand before residual
 * separable ones: these go over each channel by itself, and of one or three there is not much to see. The first has a `stride`.
 * `filters`: what each gives, of `inputs` channels; their variables are `entry-0/…` and so on.
 */
export function entryConvolutions(context: StemContext, inputs: number, filters: readonly number[], stride: number) {
  const layers = filters.map((outputs, i) => {
    const channels = i === 0 ? inputs : filters[i - 1]!;
    const normal = Math.sqrt(1 / (3 * KERNEL * KERNEL * channels));
    const kernel = context.variable(`entry-${i}/kernel`, [KERNEL, KERNEL, channels, outputs], { normal });
    const norm = layerNorm(context, `entry-${i}/norm`, outputs, { epsilon: EPSILON });
    return ({ maps, mask }: Maps): Maps => {
      const rectified = i === 0 ? maps : relu(maps);
      const there = mask === undefined ? rectified : rectified.mul<tf.Tensor4D>(mask);
      const convolved = tf.conv2d(there, kernel as tf.Tensor as tf.Tensor4D, i === 0 ? stride : 1, 'same');
      return { maps: norm(convolved), ...(mask === undefined ? {} : { mask }) };
    };
  });
  return (x: Maps): Maps => layers.reduce((maps, layer) => layer(maps), x);
}
