export { linearBaseline, majorityBaseline } from './baseline.ts';
export { type ColumnMeasurements, type MeasuredColumn, type MultiplyAdds, measureColumns } from './columns.ts';
export { deltaM, type TaskComparison } from './delta-m.ts';
export { type EvaluateOptions, evaluate, type Metrics } from './evaluate.ts';
export { type GalleryOptions, gallery, type Shown, showTasks } from './gallery.ts';
export { accuracy, confusionMatrix, macroF1, meanAbsoluteError, rmse } from './metrics/index.ts';
export { type ColumnSensitivity, columnSensitivity, type SensitivityOptions } from './sensitivity.ts';
export {
  type Bounds,
  bootstrapInterval,
  holm,
  type Interval,
  meanInterval,
  pairedTest,
  paretoFront,
} from './statistics/index.ts';
export {
  areaUnderCurve,
  type CurvePoint,
  type TransferEntry,
  type TransferMatrix,
  transferMatrix,
  transferScore,
} from './transfer.ts';
