// Node's types come with ours: TypeScript 6 includes no @types by itself, and a program of ours is a program of Node.
/// <reference types="node" preserve="true" />

// The house's front door: what leaves it, by name.
export { BanyanError, type ErrorCode } from './error.ts';
export {
  accuracy,
  confusionMatrix,
  deltaM,
  type EvaluateOptions,
  evaluate,
  linearBaseline,
  macroF1,
  majorityBaseline,
  rmse,
  type TaskComparison,
} from './evaluate/index.ts';
export { type CrossEntropyOptions, crossEntropy, squaredError } from './loss/index.ts';
export {
  createNetwork,
  fromLayers,
  type InputOf,
  type LoadOptions,
  type Named,
  Network,
  type NetworkOptions,
  type PredictionOf,
  type Summary,
} from './network/index.ts';
export {
  adam,
  adamW,
  constant,
  type Optimizer,
  type Schedule,
  sgd,
  type Update,
  type UpdateInputs,
  warmupCosine,
} from './optimise/index.ts';
export { hash, type Randomness, RandomStream } from './random/index.ts';
export { type CompileMode, type Runtime, startRuntime } from './runtime/index.ts';
export type {
  Block,
  BlockContext,
  BuildContext,
  Call,
  Head,
  HeadContext,
  HeadFactory,
  Initializer,
  Json,
  Label,
  MaskedTokens,
  Metric,
  Output,
  SampleOutput,
  Stem,
  StemContext,
  StemFactory,
  TypedArray,
  VariableOptions,
} from './task/index.ts';
export {
  type AnyTask,
  defineTask,
  type Example,
  HEAD_CONTEXT,
  type HeadProvider,
  RANDOM,
  type Source,
  type SourceContext,
  type SourceFacts,
  type Split,
  STEM_CONTEXT,
  type StemProvider,
  TASK,
  TASK_NAME,
  type Task,
  type TaskOptions,
  taskPlugin,
  token,
  VARIABLES,
  WIDTH,
} from './task/index.ts';
export {
  type CheckpointEvent,
  type EndEvent,
  type EvaluationEvent,
  type Metrics,
  resume,
  type StartEvent,
  type StepEvent,
  type TrainingEvent,
  type TrainOptions,
  train,
} from './train/index.ts';
export {
  batchNorm,
  type Column,
  type ConvTrunkOptions,
  convTrunk,
  type DenseTrunkOptions,
  denseTrunk,
  dropout,
  type LinearOptions,
  layerNorm,
  linear,
  maskedMean,
  relu,
  type TransformerTrunkOptions,
  type Trunk,
  transformerTrunk,
} from './trunk/index.ts';
