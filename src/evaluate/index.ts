export { linearBaseline, majorityBaseline } from './baseline.ts';
export { deltaM, type TaskComparison } from './delta-m.ts';
export { type EvaluateOptions, evaluate, type Metrics } from './evaluate.ts';
export { accuracy, confusionMatrix, macroF1, rmse } from './metrics/index.ts';
export {
  areaUnderCurve,
  type CurvePoint,
  type Interval,
  meanInterval,
  type TransferEntry,
  type TransferMatrix,
  transferMatrix,
  transferScore,
} from './transfer.ts';
