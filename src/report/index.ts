export { columnsPage, columnsText } from './columns.ts';
export { intervalSpec, type MeanInterval, type ParetoPlot, type ParetoPoint, paretoSpec } from './comparison.ts';
export { formatCount, formatDuration, formatFigure, formatPace } from './format.ts';
export { eventLine, jsonlReport } from './jsonl.ts';
export { type DrawnCurve, learningCurveSpec } from './learning-curve.ts';
export { type LinesOptions, linesReport, progressLine, progressLines } from './lines.ts';
export {
  csvLogger,
  LOGGER_KIND,
  type LoggedTraining,
  type Logger,
  type LogOptions,
  type LogWriter,
  loggerKinds,
  logTraining,
  type MlflowOptions,
  mlflowLogger,
  type TrainingLogs,
  tensorBoardLogger,
} from './log/index.ts';
export { type MeasuredSplits, metricsTable } from './metrics.ts';
export { page, type Section, type Table } from './page.ts';
export { plot } from './plot.ts';
export { type LineagePart, lineageSpec, type Way, waysSpec } from './population/index.ts';
export { advance, leadingMetric, NO_PROGRESS, type Progress, type TaskProgress, timeLeft } from './progress.ts';
export { ratePage, rateText } from './rates/index.ts';
export { type RunSummary, runPage } from './run/index.ts';
export {
  curvesSpec,
  endingsSpec,
  importanceSpec,
  type ParallelAxis,
  type ParallelLine,
  parallelSpec,
  type TrialBar,
  type TrialCurve,
} from './search/index.ts';
export { type DrawnSize, sizeSpec } from './sizes.ts';
export { type Column, renderTable } from './table.ts';
export { type Screen, terminalReport } from './terminal.ts';
