export { type BranchingOptions, branching } from './branching.ts';
export { cgc, type ExpertOptions } from './cgc.ts';
export { crossStitch } from './cross-stitch.ts';
export { type DselectKOptions, dselectK } from './dselect-k.ts';
export { SHARING_KIND, sharingKinds } from './kinds.ts';
export { type MmoeOptions, mmoe } from './mmoe.ts';
export { mtan } from './mtan.ts';
export { ple } from './ple.ts';
export type {
  Branches,
  BranchTokens,
  SharedBlocks,
  Sharing,
  SharingBuilder,
  SharingLayer,
  SharingPass,
} from './sharing.ts';
export type { ShareTrunk } from './soft.ts';
