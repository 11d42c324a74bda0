export { accuracy } from './accuracy.ts';
export { METRIC_KIND, metricKinds } from './kinds.ts';
export { macroF1 } from './macro-f1.ts';
export { meanAbsoluteError } from './mean-absolute-error.ts';
export { rmse } from './rmse.ts';
