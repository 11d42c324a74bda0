export { linearBaseline, majorityBaseline } from './baseline.ts';
export { type EvaluateOptions, evaluate, type Metrics } from './evaluate.ts';
export { type GalleryOptions, gallery, type Shown, showTasks } from './gallery.ts';
export { accuracy, macroF1, meanAbsoluteError, rmse } from './metrics/index.ts';
