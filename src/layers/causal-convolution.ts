import * as tf from '@tensorflow/tfjs';
import { check, wholeNumber } from '../check.ts';
import type { BlockContext, Call } from '../task/contract.ts';
import { foldedConvolution } from './folded-convolution.ts';

/** The options of a convolution over positions. */
export interface ConvolutionOptions {
  /** Positions that a kernel covers, a whole number >= 2. */
  readonly size: number;
  /** Positions from one of them to the next, a whole number >= 1. Default 1. */
  readonly dilation?: number;
}

/**
 * Convolves each channel over the positions, and sees none to the right (van den Oord et al. 2016, WaveNet, section 2.1):
 * `[batch, positions, width]` to the same. The first positions see zeros on their left. There is no bias.
 * @throws BanyanError `argument` for a size or dilation that is none.
 */
export function causalConvolution(context: BlockContext, name: string, options: ConvolutionOptions) {
  const { size, dilation = 1 } = options;
  check('causalConvolution', { size }, wholeNumber(2));
  check('causalConvolution', { dilation }, wholeNumber(1));
  const { width } = context;
  const kernel = context.variable(`${name}/kernel`, [size, 1, width, 1], { normal: Math.sqrt(1 / (3 * size)) });
  const reach = (size - 1) * dilation;
  const memory = {};

  return (tokens: tf.Tensor3D, { past }: Call): tf.Tensor3D => {
    const [batch, positions] = tokens.shape;
    const left = past?.recall(memory, [batch, reach, width]) ?? tf.zeros([batch, reach, width]);
    const seen = tf.concat([left, tokens], 1); // [batch, reach + positions, width]
    past?.keep(memory, seen.slice([0, positions, 0], [batch, reach, width]));
    return foldedConvolution(seen, kernel, dilation);
  };
}
