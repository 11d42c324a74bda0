// The built-in kinds of schedule, a line each.
export { constantKind } from './constant.ts';
export { cosineKind } from './cosine.ts';
export { exponentialKind } from './exponential.ts';
export { inverseSqrtKind } from './inverse-sqrt.ts';
export { linearKind } from './linear.ts';
export { multiStepKind } from './multi-step.ts';
export { oneCycleKind } from './one-cycle.ts';
export { plateauKind } from './plateau.ts';
export { polynomialKind } from './polynomial.ts';
export { stepKind } from './step.ts';
export { warmupCosineKind } from './warmup-cosine.ts';
