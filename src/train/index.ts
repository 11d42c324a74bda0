export { checkTraining } from './check.ts';
export type * from './events.ts';
export { checkOptions, type TrainOptions } from './options.ts';
export { beginSource } from './reading/batches.ts';
export { checkpointsIn } from './state/checkpoints.ts';
export { checkpointOf } from './state/record.ts';
export { resume, train } from './train.ts';
export { trainedVariables } from './update/weighted.ts';
