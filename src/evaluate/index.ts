export { linearBaseline, majorityBaseline } from './baseline.ts';
export { type EvaluateOptions, evaluate, type Metrics } from './evaluate.ts';
export { type GalleryOptions, gallery, type Shown, showTasks } from './gallery.ts';
export { accuracy } from './metrics/accuracy.ts';
export { METRIC_KIND, metricKinds } from './metrics/kinds.ts';
export { macroF1 } from './metrics/macro-f1.ts';
export { meanAbsoluteError } from './metrics/mean-absolute-error.ts';
export { rmse } from './metrics/rmse.ts';
