import type * as tf from '@tensorflow/tfjs';
import { linear, timing } from '../../layers/index.ts';
import { maskedMean } from '../../layers/masked-mean.ts';
import type { BlockContext, Call } from '../../task/contract.ts';
import { convolutionBlock } from './convolution-block.ts';

/**
 * Makes what takes the place of an attention block where there is no attention, to ask what that is good for (Kaiser et al. 2017, table 4, which
 * does not say how): `[batch, positions, width]` to the same. Its convolutions stay. They see what was written, and what was read comes to every
 * position alike, as one linear layer of the mean of its tokens.
 */
export function unattentiveBlock(context: BlockContext, name: string, rate: number) {
  const { width } = context;
  const convolutions = [1, 2].map((i) => convolutionBlock(context, `${name}/convolution-${i}`, 'causal', rate));
  const read = linear(context, `${name}/read`, width, width);
  const memory = {};
  return (tokens: tf.Tensor3D, call: Call): tf.Tensor3D => {
    const local = convolutions.reduce((x, block) => block(x, call), timing(tokens, call));
    const { source, past, training } = call;
    if (source === undefined) return local;
    const { tokens: from, mask } = source;
    const mean = () => maskedMean(from, { training, ...(mask === undefined ? {} : { mask }) });
    const summary = () => read(mean()).expandDims(1); // [batch, 1, width]
    return local.add(past?.once(memory, summary) ?? summary()) as tf.Tensor3D;
  };
}
