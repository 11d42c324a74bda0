import { checkOptions, optionsOf } from '../check.ts';
import type { Kind } from '../kind/index.ts';
import { dropout, linear, relu } from '../layers/index.ts';
import type { Block, BlockContext } from '../task/contract.ts';
import { checkMemory, sizeOptions } from './size.ts';
import type { Trunk } from './trunk.ts';

export interface DenseTrunkOptions {
  /** Numbers in a token. */
  readonly width: number;
  /** Number of blocks. */
  readonly depth: number;
  /** The share of the numbers that are dropped from a block's output. Default 0. */
  readonly dropout?: number;
}

const schema = optionsOf('dense', sizeOptions);

/**
 * Makes a stack of dense layers with ReLU, the same for each position: for tasks of one token, such as plain numbers.
 * @throws BanyanError `argument` for an option that is wrong, `memory` for weights that do not fit into it.
 */
export function denseTrunk(options: DenseTrunkOptions): Trunk {
  const { width, depth, dropout: rate } = checkOptions('denseTrunk', schema, options);
  checkMemory('denseTrunk', options, { weights: 2, numbers: width ** 2 });
  return {
    kind: 'dense',
    width,
    depth,
    config: { kind: 'dense', width, depth, dropout: rate },
    block: (context) => denseBlock(context, rate),
  };
}

/** `denseTrunk`, as files name it. */
export const denseKind: Kind<Trunk, DenseTrunkOptions> = {
  kind: 'dense',
  about: 'Dense layers with ReLU, the same for each position, for plain numbers.',
  options: schema,
  build: denseTrunk,
};

function denseBlock(context: BlockContext, rate: number): Block {
  const { width, random } = context;
  const dense = linear(context, 'dense', width, width, { activation: 'relu', initializer: 'heNormal' });
  return {
    forward: (tokens, call) => dropout(dense(tokens), rate, random, call), // [batch, positions, width]
    forwardWithLateral: (tokens, lateral, call) =>
      dropout(relu(dense.affine(tokens).add(lateral) as typeof tokens), rate, random, call),
  };
}
