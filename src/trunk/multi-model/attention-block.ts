import type * as tf from '@tensorflow/tfjs';
import { causalAttention, layerNorm, sourceAttention, timing } from '../../layers/index.ts';
import type { BlockContext, Call } from '../../task/contract.ts';
import { convolutionBlock } from './convolution-block.ts';

/**
 * Makes the attention block of "One Model To Learn Them All" (Kaiser et al. 2017, section 2.2), for blocks that write: `[batch, positions,
 * width]` to the same. Positions are marked, and go through two convolutional blocks; then each attends to those before it, and by what
 * it finds to what was read. The published formula adds nothing to what attention gives, and the published code adds its queries and
 * normalises the sum. Here queries are normalised and what attention gives is added to what they were before: it learns sooner (see
 * docs/multi-model.md).
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
    const written = local.add(toWritten(normOfWritten(local), call)) as tf.Tensor3D;
    return written.add(toRead(normOfRead(written), call)) as tf.Tensor3D;
  };
}
