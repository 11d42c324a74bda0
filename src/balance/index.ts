// Node's types come with ours, as in the package's main entry.
/// <reference types="node" preserve="true" />

import '../one-copy.ts';

export { aggregate } from './aggregate.ts';
export {
  alignedMtl,
  autoLambda,
  cagrad,
  configGrad,
  constantWeights,
  dbMtl,
  dualProj,
  dwa,
  equal,
  excessMtl,
  fairgrad,
  famo,
  gls,
  graddrop,
  gradnorm,
  gradvac,
  imtlG,
  imtlL,
  krum,
  mean,
  mgda,
  moco,
  modo,
  nashMtl,
  pcgrad,
  randomWeights,
  rlw,
  sdmgrad,
  staticWeights,
  stch,
  sum,
  trimmedMean,
  uncertainty,
  upgrad,
} from './builders.ts';
export type {
  CoordinateMethod,
  GramMethod,
  Matrix,
  MethodFacts,
  MethodState,
  Need,
  StepStatistics,
} from './method.ts';
export { methodNamed, methods } from './methods.ts';
export type { BalanceOn, BalanceOption } from './option.ts';
export { checkOptions } from './options.ts';
