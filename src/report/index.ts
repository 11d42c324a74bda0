export { formatCount, formatDuration, formatFigure, formatPace } from './format.ts';
export { eventLine, jsonlReport } from './jsonl.ts';
export { type LinesOptions, linesReport, progressLine, progressLines } from './lines.ts';
export { metricsTable } from './metrics.ts';
export { advance, leadingMetric, NO_PROGRESS, type Progress, type TaskProgress, timeLeft } from './progress.ts';
export { type Column, renderTable } from './table.ts';
export { type Screen, terminalReport } from './terminal.ts';
