import type * as tf from '@tensorflow/tfjs';
import { rate } from '../check.ts';
import { dropout, stochasticDepth } from '../layers/index.ts';
import type { BlockContext, Call } from '../task/contract.ts';

/** How what a block adds to its input is dropped in training. */
export interface Dropping {
  /** The share of the numbers. */
  readonly dropout: number;
  /** The share of the samples for which nothing is added. */
  readonly stochasticDepth: number;
}

/** The option of every trunk whose blocks add to their input. */
export const depthOption = {
  stochasticDepth: rate
    .default(0)
    .describe(
      'share of the samples for which the last block adds nothing in training; earlier blocks less, in proportion',
    ),
};

/** How block `index` of `depth` drops: the samples by the linear rule of Huang et al. 2016, equation 4, with `1 - p` for its rates. */
export const droppingAt = (dropping: Dropping, index: number, depth: number): Dropping => ({
  ...dropping,
  stochasticDepth: (dropping.stochasticDepth * (index + 1)) / depth,
});

/** What of a trunk's options says how it drops, as it is saved. */
export const droppingConfig = ({ dropout, stochasticDepth }: Dropping) => ({
  dropout,
  ...(stochasticDepth === 0 ? {} : { stochasticDepth }),
});

/** Adds to tokens what a branch of a block gives, `[batch, positions, width]` both, some of it dropped in training. */
export function addResidual(
  tokens: tf.Tensor3D,
  added: tf.Tensor3D,
  dropping: Dropping,
  { random }: Pick<BlockContext, 'random'>,
  call: Call,
): tf.Tensor3D {
  const kept = dropout(added, dropping.dropout, random, call);
  return tokens.add(stochasticDepth(kept, dropping.stochasticDepth, random, call));
}
