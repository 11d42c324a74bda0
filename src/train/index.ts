export type * from './events.ts';
export type { TrainOptions } from './options.ts';
export { resume, train } from './train.ts';
