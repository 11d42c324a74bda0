import type { Metrics } from '../train/events.ts';
import { formatFigure } from './format.ts';
import { renderTable } from './table.ts';

/** Metrics as a table: a row for each task, a column for each metric's name. */
export function metricsTable(metrics: Metrics): string {
  const names = [...new Set(Object.values(metrics).flatMap((one) => Object.keys(one)))];
  // The loss comes last: it is no result.
  const ordered = [...names.filter((name) => name !== 'loss'), ...names.filter((name) => name === 'loss')];
  const rows = Object.entries(metrics).map(([task, one]) => [
    task,
    ...ordered.map((name) => (name in one ? formatFigure(one[name]) : '')),
  ]);
  return renderTable([{ title: 'task' }, ...ordered.map((title) => ({ title, align: 'right' as const }))], rows);
}
