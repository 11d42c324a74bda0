import type { TaskDescription } from '../data/index.ts';
import { formatCount, renderTable } from '../report/index.ts';

/** The tasks as a table, and below it what is missing. */
export function tasksTable(tasks: readonly TaskDescription[]): string {
  const count = (value: number | undefined) => (value === undefined ? '' : formatCount(value));
  const rows = tasks.map(({ name, modality = '', training, validation, test, licence = '', found, missing }) => [
    name,
    modality,
    ...[training, validation, test].map(count),
    licence,
    missing === undefined ? (found ?? 'none needed') : 'missing: see below',
  ]);
  const right = (title: string) => ({ title, align: 'right' as const });
  const titles = [
    { title: 'task' },
    { title: 'modality' },
    right('training'),
    right('validation'),
    right('test'),
    { title: 'licence' },
    { title: 'data' },
  ];
  const notes = tasks.flatMap(({ name, missing }) => (missing === undefined ? [] : [`${name}: ${missing}`]));
  return [renderTable(titles, rows), ...(notes.length === 0 ? [] : ['', ...notes])].join('\n');
}
