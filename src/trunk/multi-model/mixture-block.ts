import { dropout, layerNorm, type MixtureOfExpertsOptions, mixtureOfExperts } from '../../layers/index.ts';
import type { Block, BlockContext } from '../../task/contract.ts';

/** Makes a block of a mixture of experts that is added to its input and normalised: `[batch, positions, width]` to the same. */
export function mixtureBlock(context: BlockContext, options: MixtureOfExpertsOptions, rate: number): Block {
  const { width, random } = context;
  const experts = mixtureOfExperts(context, 'mixture', options);
  const norm = layerNorm(context, 'norm', width);
  return { forward: (tokens, call) => norm(tokens.add(dropout(experts(tokens, call), rate, random, call))) };
}
