export { linearBaseline, majorityBaseline } from './baseline.ts';
export { type EvaluateOptions, evaluate, type Metrics } from './evaluate.ts';
export { type GalleryOptions, gallery, type Shown, showTasks } from './gallery.ts';
export { accuracy, METRIC_KIND, macroF1, meanAbsoluteError, metricKinds, rmse } from './metrics/index.ts';
