// The built-in kinds of sampler, a line each.
export { allKind } from './all.ts';
export { roundRobinKind } from './round-robin.ts';
