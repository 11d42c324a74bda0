import { writeFile } from 'node:fs/promises';
import { paretoFront } from '../../analysis/index.ts';
import { intervalSpec, page, paretoSpec, plot } from '../../report/index.ts';
import type { ComparisonResult } from './result.ts';
import { comparisonNotes, comparisonTable } from './tables.ts';

/** Writes a page about a comparison. */
export async function writePage(path: string, result: ComparisonResult): Promise<void> {
  const { metrics, rows, findings, failed } = result;
  const failures = Object.entries(failed).map(([name, message]) => `${name} failed: ${message}`);
  const sections = [
    {
      title: 'Result',
      text: [...findings, ...failures].join(' '),
      tables: [comparisonTable(result)],
    },
    { title: 'How to read it', text: comparisonNotes(result) },
    ...(rows.length === 0 ? [] : await pictures(result)),
  ];
  const tasks = Object.keys(metrics).join(', ');
  await writeFile(path, page(`Comparison ${result.name}: ${tasks}`, sections));
}

async function pictures({ metrics, alone, rows }: ComparisonResult) {
  const tasks = Object.keys(metrics);
  const better = (task: string) => `${task} ${metrics[task]!.metric}`;
  const pairs = tasks.flatMap((x, i) => tasks.slice(i + 1).map((y) => [x, y] as const));
  const plots = pairs.map(([x, y]) =>
    paretoSpec({
      title: `${y} beside ${x}`,
      x: better(x),
      y: better(y),
      points: rows.map(({ name, tasks: rowTasks, front }, i) => ({
        name,
        x: rowTasks[x]!.mean,
        y: rowTasks[y]!.mean,
        marked: front || i === 0,
      })),
      lines: { x: alone[x]!.mean, y: alone[y]!.mean },
    }),
  );
  const cheap = paretoFront(rows.map(({ seconds, deltaM }) => [deltaM.mean, -seconds]));
  const cost = paretoSpec({
    title: 'delta-m beside its time',
    x: 'seconds of training',
    y: 'delta-m, %',
    points: rows.map(({ name, seconds, deltaM }, i) => ({
      name,
      x: seconds,
      y: deltaM.mean,
      marked: cheap[i]! || i === 0,
    })),
    lines: { y: 0 },
  });
  const intervals = [
    intervalSpec(
      'delta-m',
      '%, against each task alone',
      rows.map((row) => ({ name: row.name, ...row.deltaM })),
      0,
    ),
    ...tasks.map((task) =>
      intervalSpec(
        task,
        metrics[task]!.metric,
        rows.map((row) => ({ name: row.name, ...row.tasks[task]! })),
        alone[task]!.mean,
      ),
    ),
  ];
  return [
    {
      title: 'Pareto plots',
      text: 'Means over the seeds. Named are the first one and those that no other one beats: in all tasks, or in delta-m and time. The dashed lines: each task alone.',
      pictures: await Promise.all([...plots, cost].map(plot)),
    },
    {
      title: 'Means and their intervals',
      text: 'The dashed line: no change against each task alone.',
      pictures: await Promise.all(intervals.map(plot)),
    },
  ];
}
