import { checkOptions, count, optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { dropout, layerNorm } from '../layers/index.ts';
import type { Block, BlockContext } from '../task/contract.ts';
import { selfAttention } from './attention.ts';
import { feedForward, finalNorm } from './feed-forward.ts';
import { checkMemory, sizeOptions } from './size.ts';
import { transformerDecoder } from './transformer-decoder.ts';
import type { Trunk } from './trunk.ts';

export interface TransformerTrunkOptions {
  /** Numbers in a token. */
  readonly width: number;
  /** Number of blocks. */
  readonly depth: number;
  /** Heads of attention; their number divides `width`. */
  readonly heads: number;
  /** The share of the numbers that are dropped from the output of attention and of the two dense layers. Default 0. */
  readonly dropout?: number;
  /** Number of blocks of a decoder, for heads that write. Default: there is none. */
  readonly decoder?: number;
}

const schema = optionsOf('transformer', {
  ...sizeOptions,
  heads: count.describe('heads of attention; a divisor of the width'),
  decoder: count.optional().describe('blocks of a decoder, for heads that write'),
}).refine(({ width, heads }) => width % heads === 0, {
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
  const { width, depth, heads, dropout: rate, decoder } = checkOptions('transformerTrunk', schema, options);
  checkMemory('transformerTrunk', options, { weights: 12, numbers: 12 * width ** 2 });
  return {
    kind: 'transformer',
    width,
    depth,
    config: { kind: 'transformer', width, depth, heads, dropout: rate, ...(decoder === undefined ? {} : { decoder }) },
    block: (context) => transformerBlock(context, heads, rate),
    finish: finalNorm,
    ...(decoder === undefined ? {} : { decoder: transformerDecoder({ width, depth: decoder, heads, dropout: rate }) }),
  };
}

/** `transformerTrunk`, as files name it. */
export const transformerKind: Kind<Trunk, TransformerTrunkOptions> = {
  kind: 'transformer',
  about: 'Attention over the positions, then two dense layers, for pictures, texts and sounds alike.',
  options: schema,
  build: transformerTrunk,
};

function transformerBlock(context: BlockContext, heads: number, rate: number): Block {
  const { width, random } = context;
  const normOfAttention = layerNorm(context, 'norm-1', width);
  const attention = selfAttention(context, 'attention', heads);
  const dense = feedForward(context, 'norm-2', rate);
  return {
    forward: (tokens, call) => {
      const attended = attention(normOfAttention(tokens), call);
      return dense(tokens.add(dropout(attended, rate, random, call)), call); // [batch, positions, width]
    },
  };
}
