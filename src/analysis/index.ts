// Node's types come with ours, as in the package's main entry.
/// <reference types="node" preserve="true" />

import '../one-copy.ts';

// What is computed from results and from trained networks, beside their metrics: the entry point `banyan-ml/analysis`.
export { type Bounds, bootstrapInterval } from './bootstrap.ts';
export { confusionMatrix } from './confusion-matrix.ts';
export { deltaM, type TaskComparison } from './delta-m.ts';
export { holm, pairedTest } from './paired-test.ts';
export { paretoFront } from './pareto-front.ts';
export { type ColumnSensitivity, columnSensitivity, type SensitivityOptions } from './sensitivity.ts';
export { type Interval, meanInterval } from './student.ts';
export {
  areaUnderCurve,
  type CurvePoint,
  type TransferEntry,
  type TransferMatrix,
  transferMatrix,
  transferScore,
} from './transfer.ts';
