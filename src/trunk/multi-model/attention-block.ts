import type * as tf from '@tensorflow/tfjs';
import { causalAttention, layerNorm, sourceAttention, timing } from '../../layers/index.ts';
import type { BlockContext, Call } from '../../task/contract.ts';
import { convolutionBlock } from './convolution-block.ts';

/**
 * Makes the attention block of "One Model To Learn Them All" (Kaiser et al. 2017, section 2.2), for blocks that write: `[batch, positions,
 * width]` to the same. Positions are marked, and go through two convolutional blocks; then each attends to those before it, and by what
 * it finds to what was read. The published formula adds nothing to what attention gives; here it is added to its queries and normalised,
 * as the published code does.
 */
export function attentionBlock(context: BlockContext, name: string, heads: number, rate: number) {
  const { width } = context;
  const convolutions = [1, 2].map((i) => convolutionBlock(context, `${name}/convolution-${i}`, 'causal', rate));
  const toWritten = causalAttention(context, `${name}/attention`, heads);
  const normOfWritten = layerNorm(context, `${name}/norm-1`, width);
  const toRead = sourceAttention(context, `${name}/source-attention`, heads);
  const normOfRead = layerNorm(context, `${name}/norm-2`, width);
  return (tokens: tf.Tensor3D, call: Call): tf.Tensor3D => {
    const local = convolutions.reduce((x, block) => block(x, call), timing(tokens, call));
    const written = normOfWritten(local.add(toWritten(local, call)) as tf.Tensor3D);
    return normOfRead(written.add(toRead(written, call)) as tf.Tensor3D);
  };
}
