export { type LineagePart, lineageSpec } from './lineage.ts';
export { type Way, waysSpec } from './ways.ts';
