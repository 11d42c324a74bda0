import { BanyanError } from '../error.ts';
import { dropout, layerNorm, linear } from '../layers/index.ts';
import type { Block, BlockContext } from '../task/contract.ts';
import { selfAttention } from './attention.ts';
import { checkCounts, checkRate, checkRoom } from './check.ts';
import type { Trunk } from './trunk.ts';

export interface TransformerTrunkOptions {
  readonly width: number;
  /** Number of blocks. */
  readonly depth: number;
  /** Attention heads; divides `width`. */
  readonly heads: number;
  /** On the output of attention and of the two dense layers. Default 0. */
  readonly dropout?: number;
}

/**
 * Pre-norm transformer (Vaswani et al. 2017; Xiong et al. 2020): attention, then two dense layers of four times the width
 * with ReLU, each added to its input; layer normalisation at the end.
 */
export function transformerTrunk(options: TransformerTrunkOptions): Trunk {
  const { width, depth, heads, dropout: rate = 0 } = options;
  checkCounts('transformerTrunk', { width, depth, heads });
  checkRate('transformerTrunk', rate);
  checkRoom('transformerTrunk', options, { weights: 12, numbers: 12 * width ** 2 });
  if (width % heads !== 0) {
    throw new BanyanError(
      'argument',
      `transformerTrunk: heads must divide width, received width ${width} and heads ${heads}. Choose another number of heads.`,
    );
  }
  return {
    kind: 'transformer',
    width,
    depth,
    config: { kind: 'transformer', width, depth, heads, dropout: rate },
    block: (context) => transformerBlock(context, heads, rate),
    finish: (context) => {
      const norm = layerNorm(context, 'norm', width);
      return { forward: (tokens) => norm(tokens) };
    },
  };
}

function transformerBlock(context: BlockContext, heads: number, rate: number): Block {
  const { width, random } = context;
  const normOfAttention = layerNorm(context, 'norm-1', width);
  const attention = selfAttention(context, 'attention', heads);
  const normOfDense = layerNorm(context, 'norm-2', width);
  const widen = linear(context, 'dense-1', width, 4 * width, { activation: 'relu' });
  const narrow = linear(context, 'dense-2', 4 * width, width);
  return {
    forward: (tokens, call) => {
      const attended = attention(normOfAttention(tokens), call);
      const h = tokens.add(dropout(attended, rate, random, call)); // [batch, positions, width]
      const dense = narrow(widen(normOfDense(h)));
      return h.add(dropout(dense, rate, random, call)); // [batch, positions, width]
    },
  };
}
