import type * as tf from '@tensorflow/tfjs';
import { causalConvolution, centredConvolution, dropout, layerNorm, linear, relu } from '../../layers/index.ts';
import type { BlockContext, Call } from '../../task/contract.ts';

/** Where a convolution looks: `causal`, to the left alone, in blocks that write; `centred`, to both sides, in those that read. */
export type Look = 'causal' | 'centred';

type Layer = (tokens: tf.Tensor3D, call: Call) => tf.Tensor3D;

const CONVOLUTIONS = { causal: causalConvolution, centred: centredConvolution } as const;

interface Step {
  readonly size: number;
  readonly dilation?: number;
  /** Whether the block's input is added to what the step gives. */
  readonly added?: boolean;
}

/** ReLU, then a separable convolution, then a layer normalisation: `[batch, positions, width]` to the same. */
function convolutionStep(context: BlockContext, name: string, look: Look, { size, dilation = 1, added }: Step): Layer {
  const { width } = context;
  const depthwise = CONVOLUTIONS[look](context, `${name}/depthwise`, { size, dilation });
  // No bias: the normalisation has one.
  const pointwise = linear(context, `${name}/pointwise`, width, width, { bias: false });
  const norm = layerNorm(context, `${name}/norm`, width, { gain: added ? 'zeros' : 'ones' });
  return (tokens, call) => norm(pointwise(depthwise(relu(tokens), call)));
}

/**
 * Makes the convolutional block of "One Model To Learn Them All" (Kaiser et al. 2017, section 2.1): `[batch, positions, width]` to the
 * same. It has four steps of kernels 3, 3, 15 and 15, the last with a dilation of 8, and the block's input is added after the second and
 * the fourth, so that a position sees 131 of its neighbours. As published, numbers of the whole output are dropped; here only numbers of
 * what is added at the end: where every block of a decoder drops some of all that comes, too little of it is left.
 */
export function convolutionBlock(context: BlockContext, name: string, look: Look, rate: number): Layer {
  const { random } = context;
  const step = (stepName: string, options: Step) => convolutionStep(context, `${name}/${stepName}`, look, options);
  const near = [step('near-1', { size: 3 }), step('near-2', { size: 3, added: true })];
  const far = [step('far-1', { size: 15 }), step('far-2', { size: 15, dilation: 8, added: true })];
  return (tokens, call) => {
    const through = (x: tf.Tensor3D, steps: readonly Layer[]) => steps.reduce((y, layer) => layer(y, call), x);
    const seen = tokens.add(through(tokens, near)) as tf.Tensor3D;
    return tokens.add(dropout(through(seen, far), rate, random, call)) as tf.Tensor3D;
  };
}
