import type * as tf from '@tensorflow/tfjs';
import type { BlockContext, Call } from '../task/contract.ts';
import { type ConvolutionOptions, convolutionKernel, convolve } from './folded-convolution.ts';

/**
 * Convolves each channel over the positions, as far to the left as to the right: `[batch, positions, width]` to the same. What lies
 * outside, and what is padding (`call.mask`), is 0. There is no bias.
 * @throws BanyanError `argument` for a size or dilation that is none.
 */
export function centredConvolution(context: BlockContext, name: string, options: ConvolutionOptions) {
  const { kernel, dilation, reach } = convolutionKernel('centredConvolution', context, name, options);
  const left = Math.floor(reach / 2);

  return (tokens: tf.Tensor3D, { mask }: Call): tf.Tensor3D => {
    const there = mask === undefined ? tokens : (tokens.mul(mask.expandDims(2)) as tf.Tensor3D);
    return convolve(there, kernel, { dilation, left });
  };
}
