import type * as tf from '@tensorflow/tfjs';
import { labelled } from '../runtime/index.ts';
import { blockName, decoderName, FINISH } from '../scope.ts';
import type { BlockContext, Call } from '../task/contract.ts';
import type { Trunk } from './trunk.ts';

/** A column's decoder: takes the tokens of what is written, `[batch, positions, width]`, to those that the head reads. */
export type Decoder = (tokens: tf.Tensor3D, call: Call) => tf.Tensor3D;

/** Builds the decoder of a column. `contextOf` gives each part of the column a context by name. */
export function buildDecoder(
  decoder: Trunk,
  contextOf: (name: string) => BlockContext,
  scopeOf: (name: string) => string,
): Decoder {
  const layers = Array.from({ length: decoder.depth }, (_, index) => {
    const name = decoderName(blockName(index));
    return { scope: scopeOf(name), block: decoder.block(contextOf(name), index) };
  });
  if (decoder.finish !== undefined) {
    const name = decoderName(FINISH);
    layers.push({ scope: scopeOf(name), block: decoder.finish(contextOf(name)) });
  }
  return (tokens, call) =>
    layers.reduce((written, { scope, block }) => labelled(scope, () => block.forward(written, call)), tokens);
}
