import * as tf from '@tensorflow/tfjs';
import { check, wholeNumber } from '../check.ts';
import type { BlockContext, Call } from '../task/contract.ts';
import type { ConvolutionOptions } from './causal-convolution.ts';
import { foldedConvolution } from './folded-convolution.ts';

/**
 * Convolves each channel over the positions, as far to the left as to the right: `[batch, positions, width]` to the same. What lies
 * outside, and what is padding (`call.mask`), is 0. There is no bias.
 * @throws BanyanError `argument` for a size or dilation that is none.
 */
export function centredConvolution(context: BlockContext, name: string, options: ConvolutionOptions) {
  const { size, dilation = 1 } = options;
  check('centredConvolution', { size }, wholeNumber(2));
  check('centredConvolution', { dilation }, wholeNumber(1));
  const { width } = context;
  const kernel = context.variable(`${name}/kernel`, [size, 1, width, 1], { normal: Math.sqrt(1 / (3 * size)) });
  const reach = (size - 1) * dilation;
  const left = Math.floor(reach / 2);

  return (tokens: tf.Tensor3D, { mask }: Call): tf.Tensor3D => {
    const there = mask === undefined ? tokens : tokens.mul(mask.expandDims(2));
    const seen = tf.pad(there as tf.Tensor3D, [
      [0, 0],
      [left, reach - left],
      [0, 0],
    ]);
    return foldedConvolution(seen, kernel, dilation);
  };
}
