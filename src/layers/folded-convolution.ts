import * as tf from '@tensorflow/tfjs';
import { check, wholeNumber } from '../check.ts';
import { flagAttributes, hasKernels, integerAttributes, operation } from '../runtime/index.ts';
import type { BlockContext } from '../task/contract.ts';

/** The options of a convolution over positions. */
export interface ConvolutionOptions {
  /** Positions that a kernel covers, a whole number >= 2. */
  readonly size: number;
  /** Positions from one of them to the next, a whole number >= 1. Default 1. */
  readonly dilation?: number;
}

/**
 * Makes the kernel of a convolution of each channel, `[size, 1, width, 1]`. `reach`: how far its last position lies from its first.
 * @throws BanyanError `argument` for a size or dilation that is none, in the name of `layer`.
 */
export function convolutionKernel(layer: string, context: BlockContext, name: string, options: ConvolutionOptions) {
  const { size, dilation = 1 } = options;
  check(layer, { size }, wholeNumber(2));
  check(layer, { dilation }, wholeNumber(1));
  const shape = [size, 1, context.width, 1];
  const kernel = context.variable(`${name}/kernel`, shape, { normal: Math.sqrt(1 / (3 * size)) });
  return { kernel, dilation, reach: (size - 1) * dilation };
}

/** How a kernel lies over the positions. */
interface Lie {
  readonly dilation: number;
  /** So many positions to the left of its own does a position see; the rest of the kernel's reach lies to the right. */
  readonly left: number;
}

/**
 * Convolves each channel of `tokens [batch, positions, width]` by `kernel [size, 1, width, 1]` to the same shape; what lies outside is 0.
 * In a graph on a CPU the framework's kernels do it.
 */
export function convolve(tokens: tf.Tensor3D, kernel: tf.Tensor, { dilation, left }: Lie): tf.Tensor3D {
  const reach = (kernel.shape[0]! - 1) * dilation;
  if (hasKernels()) return convolveByKernels({ dilation, left }, reach)(tokens, kernel);
  const seen = tf.pad(tokens, [
    [0, 0],
    [left, reach - left],
    [0, 0],
  ]);
  return foldedConvolution(seen, kernel, dilation);
}

const convolveByKernels = ({ dilation, left }: Lie, reach: number) =>
  tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [x, kernel, save] = args as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([x, kernel]);
    const lie = integerAttributes({ dilation, left });
    return {
      value: operation('BanyanDepthwise', [x, kernel], [...lie, ...flagAttributes({ flipped: false })]),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [x, kernel] = saved as [tf.Tensor, tf.Tensor];
        // What a position is seen by lies on the other side.
        const back = integerAttributes({ dilation, left: reach - left });
        return [
          operation('BanyanDepthwise', [dy, kernel], [...back, ...flagAttributes({ flipped: true })]),
          operation('BanyanDepthwiseGradOfFilter', [x, dy, kernel], lie),
        ];
      },
    };
  }) as unknown as (tokens: tf.Tensor3D, kernel: tf.Tensor) => tf.Tensor3D;

/**
 * Convolves each channel of `seen [batch, (size - 1) * dilation + positions, width]` by `kernel [size, 1, width, 1]` to `[batch, positions,
 * width]`: position t of the result sees t, t + dilation, …
 *
 * A dilation d is folded away: position t lies in row t / d and column t mod d of a table, where the kernel covers neighbours of one
 * column. TensorFlow has no dilated depthwise convolution on a CPU, and tfjs no gradient of one.
 */
export function foldedConvolution(seen: tf.Tensor, kernel: tf.Tensor, dilation: number): tf.Tensor3D {
  const [batch, length, width] = seen.shape as [number, number, number];
  const size = kernel.shape[0]!;
  const positions = length - (size - 1) * dilation;
  const rows = Math.ceil(positions / dilation);
  const padded = tf.pad(seen, [
    [0, 0],
    [0, rows * dilation - positions],
    [0, 0],
  ]);
  const table = padded.reshape([batch, size - 1 + rows, dilation, width]) as tf.Tensor4D;
  if (positions === 1) {
    // Of the table's columns the first alone is wanted, as where a sequence is written position by position.
    const column = table.slice([0, 0, 0, 0], [batch, size, 1, width]).squeeze<tf.Tensor3D>([2]); // [batch, size, width]
    return column.mul(kernel.reshape([1, size, width])).sum(1, true);
  }
  const convolved = tf.depthwiseConv2d(table, kernel as tf.Tensor4D, 1, 'valid') as tf.Tensor; // [batch, rows, dilation, width]
  const flat = convolved.reshape([batch, rows * dilation, width]);
  return flat.slice([0, 0, 0], [batch, positions, width]) as tf.Tensor3D;
}
