import { writeWhole } from '../../files/durable.ts';
import { formatCount, renderTable, type Table } from '../../report/index.ts';
import { showBytes } from '../../show.ts';
import { FORMS } from './point.ts';
import type { SmallerResult } from './result.ts';

const right = (title: string) => ({ title, align: 'right' as const });

/** Makes a table with a row for each network and form of its weights. */
export function sizeTable({ networks }: SmallerResult): Table {
  const original = networks[0]!;
  const tasks = Object.entries(original.tasks);
  return {
    columns: [
      { title: 'network' },
      { title: 'weights' },
      right('parameters'),
      right('bytes'),
      right('% of them'),
      ...tasks.flatMap(([task, { metric }]) => [right(`${task} ${metric}`), right('ms')]),
    ],
    rows: networks.flatMap(({ name, parameters, bytes, tasks: reached }) =>
      FORMS.map((form) => [
        name,
        form,
        formatCount(parameters),
        showBytes(bytes[form]),
        ((100 * bytes[form]) / original.bytes.float32).toFixed(1),
        ...tasks.flatMap(([task]) => {
          const point = reached[task];
          return point === undefined ? ['–', '–'] : [point.values[form].toFixed(4), point.milliseconds.toFixed(2)];
        }),
      ]),
    ),
  };
}

export const SIZE_NOTES =
  'Bytes are those of the weights: float32, or the large ones as whole numbers of 8 bits. Milliseconds are of one example, prediction and preparation; weights of 8 bits are float32 while they are used.';

/** Says for people what networks of several sizes reach. */
export function smallerText(result: SmallerResult): string {
  const { columns, rows } = sizeTable(result);
  return [renderTable(columns, rows), SIZE_NOTES, result.findings.join('\n')].join('\n\n');
}

/** Writes a table for other programs: a line for each network, form of its weights and task. */
export function writeTable(path: string, { networks }: SmallerResult): void {
  const header = ['network', 'route', 'weights', 'parameters', 'bytes', 'task', 'metric', 'value', 'milliseconds'];
  const rows = networks.flatMap(({ name, route, parameters, bytes, tasks }) =>
    FORMS.flatMap((form) =>
      Object.entries(tasks).map(([task, { metric, values, milliseconds }]) => [
        name,
        route,
        form,
        parameters,
        bytes[form],
        task,
        metric,
        values[form],
        milliseconds,
      ]),
    ),
  );
  writeWhole(path, [header, ...rows].map((cells) => `${cells.map(cell).join(',')}\n`).join(''));
}

const cell = (value: string | number): string =>
  /[",\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
