export { linearBaseline, majorityBaseline } from './baseline.ts';
export { deltaM, type TaskComparison } from './delta-m.ts';
export { type EvaluateOptions, type EvaluationMetrics, evaluate } from './evaluate.ts';
export { accuracy, confusionMatrix, macroF1, rmse } from './metrics/index.ts';
