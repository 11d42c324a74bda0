export { beginSource } from './batches.ts';
export { checkpointsIn } from './checkpoints.ts';
export type * from './events.ts';
export { countSteps, type TrainOptions } from './options.ts';
export { checkTraining } from './probe.ts';
export { checkpointOf } from './record.ts';
export { resume, train } from './train.ts';
export { trainedVariables } from './update.ts';
