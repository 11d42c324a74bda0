import type { TaskDescription } from '../data/index.ts';
import { formatCount, renderTable } from '../report/index.ts';

/** The tasks as a table, and below it what is missing. */
export function tasksTable(tasks: readonly TaskDescription[]): string {
  const count = (value: number | undefined) => (value === undefined ? '' : formatCount(value));
  const rows = tasks.map(({ name, modality = '', training, validation, test, licence = '', missing }) => [
    name,
    modality,
    ...(missing === undefined ? [training, validation, test].map(count) : ['no data', '', '']),
    licence,
  ]);
  const right = (title: string) => ({ title, align: 'right' as const });
  const titles = [
    { title: 'task' },
    { title: 'modality' },
    right('training'),
    right('validation'),
    right('test'),
    { title: 'licence' },
  ];
  const notes = tasks.flatMap(({ name, missing }) => (missing === undefined ? [] : [`${name}: ${missing}`]));
  return [renderTable(titles, rows), ...(notes.length === 0 ? [] : ['', ...notes])].join('\n');
}
