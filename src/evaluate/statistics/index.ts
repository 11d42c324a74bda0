export { type Bounds, bootstrapInterval } from './bootstrap.ts';
export { holm, pairedTest } from './paired.ts';
export { paretoFront } from './pareto.ts';
export { type Interval, meanInterval } from './student.ts';
