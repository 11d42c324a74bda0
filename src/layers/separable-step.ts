import * as tf from '@tensorflow/tfjs';
import { check, count } from '../check.ts';
import type { BlockContext } from '../task/contract.ts';
import { layerNorm } from './layer-norm.ts';
import { linear } from './linear.ts';
import { filled, type Maps, stepped, type Window, withMask } from './maps.ts';
import { relu } from './relu.ts';

const EPSILON = 1e-6;

export interface SeparableStepOptions {
  /** Channels of what is read. */
  readonly inputs: number;
  /** Channels of what is made of it. */
  readonly outputs: number;
  /** What a kernel covers. Default 3 x 3. */
  readonly kernel?: Window;
  /** By what both sides are divided, rounded up. Default 1. */
  readonly stride?: number;
}

/** Makes the normalisation over the channels that is in such steps. */
export const channelNorm = (context: BlockContext, name: string, channels: number) =>
  layerNorm(context, name, channels, { epsilon: EPSILON });

/**
 * Makes the convolution step of "One Model To Learn Them All" (Kaiser et al. 2017, section 2.1) in two dimensions: a ReLU, a separable convolution
 * (each channel by itself over the kernel, then all channels at each place), and a layer normalisation over the channels. There is no bias
 * beside that of the normalisation. What is padding is 0 for it.
 * @throws BanyanError `argument` for an option that is no whole number above 0.
 */
export function separableStep(context: BlockContext, name: string, options: SeparableStepOptions) {
  const { inputs, outputs, kernel = [3, 3], stride = 1 } = options;
  check('separableStep', { inputs, outputs, stride, 'kernel[0]': kernel[0], 'kernel[1]': kernel[1] }, count);
  const shape = [...kernel, inputs, 1] as const;
  const normal = Math.sqrt(1 / (3 * kernel[0] * kernel[1]));
  const depthwise = context.variable(`${name}/depthwise`, shape, { normal }) as tf.Tensor as tf.Tensor4D;
  const pointwise = linear(context, `${name}/pointwise`, inputs, outputs, { bias: false });
  const norm = channelNorm(context, `${name}/norm`, outputs);
  return ({ maps, mask }: Maps): Maps => {
    const seen = filled(withMask(relu(maps), mask));
    const convolved = pointwise(tf.depthwiseConv2d(seen, depthwise, stride, 'same')); // [batch, rows / stride, columns / stride, outputs]
    return withMask(norm(convolved), stepped(mask, [stride, stride]));
  };
}
