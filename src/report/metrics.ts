import type { Split } from '../task/source.ts';
import type { Metrics } from '../train/events.ts';
import { formatCount, formatFigure } from './format.ts';
import type { Table } from './page.ts';
import { renderTable } from './table.ts';

/** It says on which split each task was measured, by task. */
export type MeasuredSplits = Readonly<Record<string, Split>>;

/** It says how many examples of each task were measured, by task. */
export type MeasuredExamples = Readonly<Record<string, number>>;

/** Makes a table with a row for each task, a column for each metric's name, and those for the split and the number of examples where they are known. */
export function metricsRows(metrics: Metrics, splits: MeasuredSplits = {}, examples?: MeasuredExamples): Table {
  const names = [...new Set(Object.values(metrics).flatMap((values) => Object.keys(values)))];
  // The loss comes last: it is no result.
  const ordered = [...names.filter((name) => name !== 'loss'), ...names.filter((name) => name === 'loss')];
  const named = Object.keys(metrics).some((task) => splits[task] !== undefined);
  const rows = Object.entries(metrics).map(([task, one]) => [
    task,
    ...(named ? [splits[task] ?? ''] : []),
    ...(examples === undefined ? [] : [formatCount(examples[task] ?? 0)]),
    ...ordered.map((name) => (name in one ? formatFigure(one[name]) : '')),
  ]);
  const words = named ? [{ title: 'task' }, { title: 'split' }] : [{ title: 'task' }];
  const count = examples === undefined ? [] : ['examples'];
  return { columns: [...words, ...[...count, ...ordered].map((title) => ({ title, align: 'right' as const }))], rows };
}

/** Says the metrics as plain text. */
export function metricsTable(metrics: Metrics, splits?: MeasuredSplits, examples?: MeasuredExamples): string {
  const { columns, rows } = metricsRows(metrics, splits, examples);
  return renderTable(columns, rows);
}
