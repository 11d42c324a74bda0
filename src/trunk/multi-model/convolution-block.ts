import type * as tf from '@tensorflow/tfjs';
import { causalConvolution, centredConvolution, dropout, layerNorm, linear, relu } from '../../layers/index.ts';
import type { BlockContext, Call } from '../../task/contract.ts';

/** Where a convolution looks: `causal`, to the left alone, in blocks that write; `centred`, to both sides, in those that read. */
export type Look = 'causal' | 'centred';

type Layer = (tokens: tf.Tensor3D, call: Call) => tf.Tensor3D;

const CONVOLUTIONS = { causal: causalConvolution, centred: centredConvolution } as const;

/** ReLU, then a separable convolution, then a layer normalisation: `[batch, positions, width]` to the same. */
function convolutionStep(context: BlockContext, name: string, look: Look, size: number, dilation = 1): Layer {
  const { width } = context;
  const depthwise = CONVOLUTIONS[look](context, `${name}/depthwise`, { size, dilation });
  // No bias: the normalisation has one.
  const pointwise = linear(context, `${name}/pointwise`, width, width, { bias: false });
  const norm = layerNorm(context, `${name}/norm`, width);
  return (tokens, call) => norm(pointwise(depthwise(relu(tokens), call)));
}

/**
 * Makes the convolutional block of "One Model To Learn Them All" (Kaiser et al. 2017, section 2.1): `[batch, positions, width]` to the
 * same. It has four steps of kernels 3, 3, 15 and 15, the last with a dilation of 8, and the block's input is added after the second and
 * the fourth, so that a position sees 131 of its neighbours.
 */
export function convolutionBlock(context: BlockContext, name: string, look: Look, rate: number): Layer {
  const { random } = context;
  const near = [1, 2].map((i) => convolutionStep(context, `${name}/near-${i}`, look, 3));
  const far = [1, 8].map((dilation, i) => convolutionStep(context, `${name}/far-${i + 1}`, look, 15, dilation));
  return (tokens, call) => {
    const through = (x: tf.Tensor3D, steps: readonly Layer[]) =>
      tokens.add(steps.reduce((y, step) => step(y, call), x)) as tf.Tensor3D;
    return dropout(through(through(tokens, near), far), rate, random, call);
  };
}
