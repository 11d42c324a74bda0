import * as tf from '@tensorflow/tfjs';
import { integerAttributes, operation } from '../runtime/index.ts';
import type { BlockContext, Call } from '../task/contract.ts';
import { type ConvolutionOptions, convolutionKernel, convolve, foldedConvolution } from './folded-convolution.ts';

/**
 * Convolves each channel over the positions, and sees none to the right (van den Oord et al. 2016, WaveNet, section 2.1):
 * `[batch, positions, width]` to the same. The first positions see zeros on their left. There is no bias.
 * @throws BanyanError `argument` for a size or dilation that is none.
 */
export function causalConvolution(context: BlockContext, name: string, options: ConvolutionOptions) {
  const { width } = context;
  const { kernel, dilation, reach } = convolutionKernel('causalConvolution', context, name, options);
  const memory = {};

  return (tokens: tf.Tensor3D, { past }: Call): tf.Tensor3D => {
    if (past === undefined) return convolve(tokens, kernel, { dilation, left: reach });
    const [batch, positions] = tokens.shape;
    if (past.held !== undefined) {
      const slots = Math.min(past.length, reach + 1);
      const { memory: kept, lines } = past.held(memory, [batch, slots, width]);
      return operation('BanyanDepthwiseAt', [tokens, kernel, kept, lines, past.at], integerAttributes({ dilation }));
    }
    const seen = tf.concat([past.recall(memory, [batch, reach, width]), tokens], 1); // [batch, reach + positions, width]
    past.keep(memory, seen.slice([0, positions, 0], [batch, reach, width]));
    return foldedConvolution(seen, kernel, dilation);
  };
}
