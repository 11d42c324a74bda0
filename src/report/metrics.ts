import type { Split } from '../task/source.ts';
import type { Metrics } from '../train/events.ts';
import { formatFigure } from './format.ts';
import type { Table } from './page.ts';
import { renderTable } from './table.ts';

/** The split on which each task was measured, by task. */
export type MeasuredSplits = Readonly<Record<string, Split>>;

/** Makes a table with a row for each task, a column for each metric's name, and one for the split where it is known. */
export function metricsRows(metrics: Metrics, splits: MeasuredSplits = {}): Table {
  const names = [...new Set(Object.values(metrics).flatMap((values) => Object.keys(values)))];
  // The loss comes last: it is no result.
  const ordered = [...names.filter((name) => name !== 'loss'), ...names.filter((name) => name === 'loss')];
  const named = Object.keys(metrics).some((task) => splits[task] !== undefined);
  const rows = Object.entries(metrics).map(([task, one]) => [
    task,
    ...(named ? [splits[task] ?? ''] : []),
    ...ordered.map((name) => (name in one ? formatFigure(one[name]) : '')),
  ]);
  const words = named ? [{ title: 'task' }, { title: 'split' }] : [{ title: 'task' }];
  return { columns: [...words, ...ordered.map((title) => ({ title, align: 'right' as const }))], rows };
}

/** Says the metrics as plain text. */
export function metricsTable(metrics: Metrics, splits?: MeasuredSplits): string {
  const { columns, rows } = metricsRows(metrics, splits);
  return renderTable(columns, rows);
}
