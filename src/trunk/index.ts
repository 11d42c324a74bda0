export {
  type Activations,
  allLaterals,
  buildColumn,
  type Column,
  type ColumnBody,
  type ColumnPlan,
  type Tap,
} from './column.ts';
export { type ConvTrunkOptions, convTrunk } from './conv.ts';
export { buildDecoder, type Decoder } from './decoder.ts';
export { type DenseTrunkOptions, denseTrunk } from './dense.ts';
export { type EncoderTrunkOptions, encoderTrunk } from './encoder.ts';
export { TRUNK_KIND, trunkKinds } from './kinds.ts';
export type { LateralInput } from './lateral.ts';
export { LATERAL_KINDS, type LateralKind } from './lateral-kind.ts';
export { type MultiModelTrunkOptions, multiModelTrunk } from './multi-model/multi-model.ts';
export { trunkFromConfig } from './restore.ts';
export {
  type Branches,
  type BranchingOptions,
  type BranchTokens,
  branching,
  cgc,
  crossStitch,
  type DselectKOptions,
  dselectK,
  type ExpertOptions,
  type MmoeOptions,
  mmoe,
  mtan,
  ple,
  SHARING_KIND,
  type SharedBlocks,
  type ShareTrunk,
  type Sharing,
  type SharingBuilder,
  type SharingLayer,
  type SharingPass,
  sharingKinds,
} from './sharing/index.ts';
export { stackedTrunk } from './stacked.ts';
export { type TransformerTrunkOptions, transformerTrunk } from './transformer.ts';
export type { BlockSize, Prunable, Trunk } from './trunk.ts';
