// The built-in kinds of average, a line each.
export { checkpointsKind } from './checkpoints.ts';
export { exponentialKind } from './exponential.ts';
export { stochasticKind } from './stochastic.ts';
