export { type BranchingOptions, branching } from './branching.ts';
export { isTrunk, ownerOf } from './builder.ts';
export { cgc, type ExpertOptions } from './cgc.ts';
export { crossStitch } from './cross-stitch.ts';
export { type DselectKOptions, dselectK } from './dselect-k.ts';
export { type MmoeOptions, mmoe } from './mmoe.ts';
export { mtan } from './mtan.ts';
export { ple } from './ple.ts';
export type { Sharing } from './sharing.ts';
