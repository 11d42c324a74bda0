// The built-in kinds of sharing, a line each.
export { branchingKind } from './branching.ts';
export { cgcKind } from './cgc.ts';
export { crossStitchKind } from './cross-stitch.ts';
export { dselectKKind } from './dselect-k.ts';
export { mmoeKind } from './mmoe.ts';
export { mtanKind } from './mtan.ts';
export { pleKind } from './ple.ts';
