import * as tf from '@tensorflow/tfjs';
import { checkOptions, count, optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { layerNorm, linear } from '../layers/index.ts';
import type { Block, BlockContext } from '../task/contract.ts';
import { addResidual, type Dropping, depthOption, droppingAt, droppingConfig } from './residual.ts';
import { checkMemory, sizeOptions } from './size.ts';
import type { Trunk } from './trunk.ts';

export interface ConvTrunkOptions {
  /** Numbers in a token. */
  readonly width: number;
  /** Number of blocks. */
  readonly depth: number;
  /** Positions that one output position sees. Default 5. */
  readonly kernel?: number;
  /** The share of the numbers that are dropped from what a block adds to its input. Default 0. */
  readonly dropout?: number;
  /**
   * The share of the samples for which the last block adds nothing in training; earlier blocks less, in proportion to their number
   * (stochastic depth: Huang et al. 2016). Default 0.
   */
  readonly stochasticDepth?: number;
}

const schema = optionsOf('conv', {
  ...sizeOptions,
  ...depthOption,
  kernel: count.default(5).describe('positions that one output position sees'),
});

/**
 * Makes a trunk of separable convolutions over the positions (Chollet 2017): normalise, depthwise, pointwise, ReLU, add to the
 * input.
 * @throws BanyanError `argument` for an option that is wrong, `memory` for weights that do not fit into it.
 */
export function convTrunk(options: ConvTrunkOptions): Trunk {
  const { width, depth, kernel, ...dropping } = checkOptions('convTrunk', schema, options);
  checkMemory('convTrunk', options, { weights: 5, numbers: width ** 2 + kernel * width });
  return {
    kind: 'conv',
    width,
    depth,
    config: { kind: 'conv', width, depth, kernel, ...droppingConfig(dropping) },
    block: (context, index) => separableConvBlock(context, kernel, droppingAt(dropping, index, depth)),
  };
}

/** `convTrunk`, as files name it. */
export const convKind: Kind<Trunk, ConvTrunkOptions> = {
  kind: 'conv',
  about: 'Separable convolutions over the positions, for signals and pictures.',
  options: schema,
  build: convTrunk,
};

function separableConvBlock(context: BlockContext, kernel: number, dropping: Dropping): Block {
  const { width } = context;
  const norm = layerNorm(context, 'norm', width);
  const depthwise = context.variable('depthwise', [kernel, 1, width, 1], { normal: Math.sqrt(2 / kernel) });
  const pointwise = linear(context, 'pointwise', width, width, { activation: 'relu' });
  return {
    forward: (tokens, call) => {
      const [batch, positions] = tokens.shape;
      // Padding must not leak into its neighbours.
      const normal = call.mask === undefined ? norm(tokens) : norm(tokens).mul(call.mask.expandDims(2));
      const mixed = tf.depthwiseConv2d(
        normal.reshape([batch, positions, 1, width]) as tf.Tensor4D,
        depthwise as tf.Tensor as tf.Tensor4D,
        1,
        'same',
      ); // [batch, positions, 1, width]
      const added = pointwise(mixed.reshape([batch, positions, width]) as tf.Tensor3D);
      return addResidual(tokens, added, dropping, context, call); // [batch, positions, width]
    },
  };
}
