// The built-in kinds of schedule, a line each.
export { constantKind } from './constant.ts';
export { warmupCosineKind } from './warmup-cosine.ts';
