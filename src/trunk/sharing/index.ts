export { type MmoeOptions, mmoe } from './mmoe.ts';
export { isTrunk, ownerOf } from './parts.ts';
export type { From, Layer, Parts, Paths, SharedBlocks, Sharing, Trip } from './sharing.ts';
