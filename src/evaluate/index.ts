export { type EvaluateOptions, type EvaluationMetrics, evaluate } from './evaluate.ts';
