// The built-in kinds of optimiser, a line each.
export { adamKind } from './adam.ts';
export { adamWKind } from './adamw.ts';
export { sgdKind } from './sgd.ts';
