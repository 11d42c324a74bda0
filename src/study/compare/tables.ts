import { renderTable, type Table } from '../../report/index.ts';
import type { ComparisonResult, TaskRow } from './result.ts';

const right = (title: string) => ({ title, align: 'right' as const });

const between = ({ mean, low, high }: TaskRow, digits: number, single: boolean) =>
  single ? mean.toFixed(digits) : `${mean.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;

const pText = (p: number | undefined) => (p === undefined ? '' : p < 0.001 ? '< 0.001' : p.toFixed(3));

/** Makes a table with a row for the tasks alone and one for each candidate. */
export function comparisonTable({ seeds, metrics, alone, rows }: ComparisonResult): Table {
  const tasks = Object.keys(metrics);
  const single = seeds.length === 1;
  const tested = rows.some(({ deltaM }) => deltaM.p !== undefined);
  const columns = [
    { title: 'together by' },
    ...tasks.map((task) => right(`${task} ${metrics[task]!.metric}`)),
    right('delta-m %'),
    ...(tested ? [right('p')] : []),
    right('seconds'),
    right('MB'),
    { title: 'front' },
  ];
  const alones = tasks.map((task) => alone[task]!);
  // Each task alone is a run of its own: together they take the sum of the times, one after the other.
  const seconds = alones.reduce((sum, row) => sum + row.seconds, 0);
  const memory = Math.max(...alones.map(({ peakMemoryMB }) => peakMemoryMB));
  const cells = (task: TaskRow) => between(task, 3, single);
  return {
    columns,
    rows: [
      ['each alone', ...alones.map(cells), '', ...(tested ? [''] : []), seconds.toFixed(1), String(memory), ''],
      ...rows.map(({ name, tasks: rowTasks, deltaM, seconds, peakMemoryMB, front }) => [
        name,
        ...tasks.map((task) => cells(rowTasks[task]!)),
        between(deltaM, 2, single),
        ...(tested ? [pText(deltaM.p)] : []),
        seconds.toFixed(1),
        String(peakMemoryMB),
        front ? 'yes' : '',
      ]),
    ],
  };
}

/** Says what the columns are. */
export function comparisonNotes({ seeds, rows }: ComparisonResult): string {
  const over =
    seeds.length === 1
      ? 'One seed.'
      : `Means over ${seeds.length} seeds with 95 % bootstrap intervals${seeds.length < 5 ? ', which are too narrow for so few' : ''}.`;
  const p = rows.every(({ deltaM }) => deltaM.p === undefined)
    ? ''
    : ` p: Holm-corrected, of the difference in delta-m to ${rows[0]!.name}.`;
  return `${over}${p} Seconds are those of training, memory the most that the process held. Front: no other one is at least as good for each task and better for one.`;
}

/** Says the result of a comparison for people: its table, what its columns are, and what differs. */
export function comparisonText(result: ComparisonResult): string {
  const { columns, rows } = comparisonTable(result);
  const failed = Object.entries(result.failed).map(([name, message]) => `${name} failed: ${message}`);
  return [renderTable(columns, rows), comparisonNotes(result), [...result.findings, ...failed].join('\n')]
    .filter((part) => part !== '')
    .join('\n\n');
}
