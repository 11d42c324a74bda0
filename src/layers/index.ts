// What the writer of a stem, a head or a block builds it from: the entry point `banyan-ml/layers`.
import '../one-copy.ts';

export { knownNumbers } from '../loss/known-numbers.ts';
export type {
  Block,
  BlockContext,
  Call,
  HeadContext,
  Initializer,
  MaskedTokens,
  Mixing,
  Past,
  StemContext,
  VariableOptions,
} from '../task/contract.ts';
export { addBias } from './add-bias.ts';
export { causalAttention, sourceAttention } from './attention.ts';
export { batchNorm } from './batch-norm.ts';
export { causalConvolution } from './causal-convolution.ts';
export { centredConvolution } from './centred-convolution.ts';
export { dropout } from './dropout.ts';
export { type MixtureOfExpertsOptions, mixtureOfExperts } from './experts.ts';
export type { ConvolutionOptions } from './folded-convolution.ts';
export { fromLayers } from './from-layers.ts';
export { type GeluForm, gelu } from './gelu.ts';
export { type LayerNormOptions, layerNorm } from './layer-norm.ts';
export { type LinearOptions, linear } from './linear.ts';
export type { Maps, Window } from './maps.ts';
export { maskedMean } from './masked-mean.ts';
export { drawMixing, mix, mixTokens, mixup } from './mixing.ts';
export { type Pool, type Pooling, pooling } from './pooling.ts';
export { type AddPositions, type PositionCode, positionCode } from './positions.ts';
export { relu } from './relu.ts';
export { type ResidualSeparableOptions, residualSeparable } from './residual-separable.ts';
export { type SeparableStepOptions, separableStep } from './separable-step.ts';
export { stochasticDepth } from './stochastic-depth.ts';
export { timing } from './timing.ts';
