export { buildGraph } from './build-graph.ts';
export { type Captured, capture } from './capture.ts';
export { CaptureError, currentLabel, labelled } from './fault.ts';
export { updateInPlace } from './in-place.ts';
export type { Operation } from './operation.ts';
export { withoutStrangers } from './strangers.ts';
export { tidied } from './tidied.ts';
export type { CaptureOptions, Trace } from './trace.ts';
export type { Precision } from './write.ts';
