export { type ImportanceBar, importanceSpec } from './importance.ts';
export { type ParallelAxis, type ParallelLine, parallelSpec } from './parallel.ts';
export { curvesSpec, endingsSpec, type TrialBar, type TrialCurve } from './trials.ts';
