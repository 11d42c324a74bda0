export { checkTraining } from './check.ts';
export { checkOptions } from './check-options.ts';
export type * from './events.ts';
export type { CheckpointOptions, TrainOptions } from './options.ts';
export { beginSource } from './reading/reading-state.ts';
export { checkpointsIn } from './state/checkpoint-folder.ts';
export { checkpointOf } from './state/record.ts';
export { trainedVariables } from './step/trained-variables.ts';
export { resume, train } from './train.ts';
