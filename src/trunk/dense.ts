import { dropout, linear, relu } from '../layers/index.ts';
import type { Block, BlockContext } from '../task/contract.ts';
import { checkCounts, checkRate, checkRoom } from './check.ts';
import type { Trunk } from './trunk.ts';

export interface DenseTrunkOptions {
  readonly width: number;
  /** Number of blocks. */
  readonly depth: number;
  /** On a block's output. Default 0. */
  readonly dropout?: number;
}

/** A stack of dense layers with ReLU, the same for each position: for tasks of one token, such as plain numbers. */
export function denseTrunk(options: DenseTrunkOptions): Trunk {
  const { width, depth, dropout: rate = 0 } = options;
  checkCounts('denseTrunk', { width, depth });
  checkRate('denseTrunk', rate);
  checkRoom('denseTrunk', options, { weights: 2, numbers: width ** 2 });
  return {
    kind: 'dense',
    width,
    depth,
    config: { kind: 'dense', width, depth, dropout: rate },
    block: (context) => denseBlock(context, rate),
  };
}

function denseBlock(context: BlockContext, rate: number): Block {
  const { width, random } = context;
  const dense = linear(context, 'dense', width, width, { activation: 'relu', initializer: 'heNormal' });
  return {
    forward: (tokens, call) => dropout(dense(tokens), rate, random, call), // [batch, positions, width]
    forwardWithLateral: (tokens, lateral, call) =>
      dropout(relu(dense.affine(tokens).add(lateral) as typeof tokens), rate, random, call),
  };
}
