import type { Metrics } from '../train/events.ts';
import { formatFigure } from './format.ts';
import type { Table } from './page.ts';
import { renderTable } from './table.ts';

/** A row for each task, a column for each metric's name. */
export function metricsRows(metrics: Metrics): Table {
  const names = [...new Set(Object.values(metrics).flatMap((one) => Object.keys(one)))];
  // The loss comes last: it is no result.
  const ordered = [...names.filter((name) => name !== 'loss'), ...names.filter((name) => name === 'loss')];
  const rows = Object.entries(metrics).map(([task, one]) => [
    task,
    ...ordered.map((name) => (name in one ? formatFigure(one[name]) : '')),
  ]);
  return { columns: [{ title: 'task' }, ...ordered.map((title) => ({ title, align: 'right' as const }))], rows };
}

/** The same as plain text. */
export function metricsTable(metrics: Metrics): string {
  const { columns, rows } = metricsRows(metrics);
  return renderTable(columns, rows);
}
