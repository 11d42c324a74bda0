export { buildGraph, type Captured, type CaptureOptions, capture, type Trace } from './capture.ts';
export { CaptureError, labelled } from './fault.ts';
export { updateInPlace } from './in-place.ts';
export type { Operation } from './recorder.ts';
export type { Precision } from './write.ts';
