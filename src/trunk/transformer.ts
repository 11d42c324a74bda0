import { checkOptions, count, optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { layerNorm } from '../layers/index.ts';
import type { Block, BlockContext } from '../task/contract.ts';
import { selfAttention } from './attention.ts';
import { BLOCKS_FIT, blocksFit, blocksOption, sizesOf } from './block-sizes.ts';
import { feedForward, finalNorm } from './feed-forward.ts';
import { addResidual, type Dropping, depthOption, droppingAt, droppingConfig } from './residual.ts';
import { checkMemory, sizeOptions } from './size.ts';
import { transformerDecoder } from './transformer-decoder.ts';
import type { BlockSize, Trunk } from './trunk.ts';

export interface TransformerTrunkOptions {
  /** Numbers in a token. */
  readonly width: number;
  /** Number of blocks. */
  readonly depth: number;
  /** Heads of attention; their number divides `width`. */
  readonly heads: number;
  /** The share of the numbers that are dropped from the output of attention and of the two dense layers. Default 0. */
  readonly dropout?: number;
  /**
   * The share of the samples for which attention, and likewise the two dense layers, of the last block add nothing in training; of earlier
   * blocks less, in proportion to their number (stochastic depth: Huang et al. 2016). A decoder's blocks count for themselves. Default 0.
   */
  readonly stochasticDepth?: number;
  /** Number of blocks of a decoder, for heads that write. Default: there is none. */
  readonly decoder?: number;
  /** What `Network.pruneTrunk` has left of each block. Default: all heads, and four times `width` numbers between the dense layers. */
  readonly blocks?: readonly BlockSize[];
}

const schema = optionsOf('transformer', {
  ...sizeOptions,
  ...depthOption,
  heads: count.describe('heads of attention; a divisor of the width'),
  decoder: count.optional().describe('blocks of a decoder, for heads that write'),
  ...blocksOption,
})
  .refine(blocksFit, BLOCKS_FIT)
  .refine(({ width, heads }) => width % heads === 0, {
    path: ['heads'],
    error: ({ input }) => `a divisor of width (${(input as TransformerTrunkOptions).width})`,
    params: { mend: 'Choose another number of heads.' },
  });

/**
 * Makes a pre-norm transformer (Vaswani et al. 2017; Xiong et al. 2020): attention, then two dense layers of four times the
 * width with ReLU, each added to its input; layer normalisation at the end.
 * @throws BanyanError `argument` for an option that is wrong, `memory` for weights that do not fit into it.
 */
export function transformerTrunk(options: TransformerTrunkOptions): Trunk {
  const { width, depth, heads, decoder, blocks, ...dropping } = checkOptions('transformerTrunk', schema, options);
  checkMemory('transformerTrunk', options, { weights: 12, numbers: 12 * width ** 2 });
  const headSize = width / heads;
  const sizes = blocks ?? sizesOf(depth, { heads, hidden: 4 * width });
  return {
    kind: 'transformer',
    width,
    depth,
    config: {
      kind: 'transformer',
      width,
      depth,
      heads,
      ...droppingConfig(dropping),
      ...(decoder === undefined ? {} : { decoder }),
      ...(blocks === undefined ? {} : { blocks: blocks.map((block) => ({ ...block })) }),
    },
    block: (context, index) => transformerBlock(context, headSize, sizes[index]!, droppingAt(dropping, index, depth)),
    finish: finalNorm,
    prunable: { sizes, headSize, to: (left) => transformerTrunk({ ...options, blocks: left }) },
    ...(decoder === undefined ? {} : { decoder: transformerDecoder({ width, depth: decoder, heads, ...dropping }) }),
  };
}

/** `transformerTrunk`, as files name it. */
export const transformerKind: Kind<Trunk, TransformerTrunkOptions> = {
  kind: 'transformer',
  about: 'Attention over the positions, then two dense layers, for pictures, texts and sounds alike.',
  options: schema,
  build: transformerTrunk,
};

function transformerBlock(context: BlockContext, headSize: number, size: BlockSize, dropping: Dropping): Block {
  const { width } = context;
  const normOfAttention = layerNorm(context, 'norm-1', width);
  const attention = selfAttention(context, 'attention', size.heads, headSize);
  const dense = feedForward(context, 'norm-2', dropping, size.hidden);
  return {
    forward: (tokens, call) => {
      const attended = attention(normOfAttention(tokens), call);
      return dense(addResidual(tokens, attended, dropping, context, call), call); // [batch, positions, width]
    },
  };
}
