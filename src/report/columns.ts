import type { TopLevelSpec } from 'vega-lite';
import type { ColumnMeasurements, MeasuredColumn } from '../analysis/columns.ts';
import type { ColumnSensitivity } from '../analysis/index.ts';
import { formatCount } from './format.ts';
import { page, type Section, type Table } from './page.ts';
import { plot } from './plot.ts';
import { renderTable } from './table.ts';

const SIZES =
  'Numbers trained, and multiplications with an addition each in a prediction of one example of the column’s first task: of the column’s own blocks, of its lateral adapters, and of the whole prediction with stem, head and what it needs of earlier columns.';
const SENSITIVITY =
  'How much the task’s result depends on each block, as shares of the columns that sum to 1. Fisher: squared gradients of the log-probability with respect to the activations in standard deviations. Perturbation: precision of the noise that takes the loss half of the way to that of a network that knows nothing. A block that the task does not hear has 0.';

/** Says what was measured of a network's columns, as plain text. */
export function columnsText(measured: ColumnMeasurements): string {
  const titled = ({ title, columns, rows }: Table) =>
    [...(title === undefined ? [] : [title]), renderTable(columns, rows)].join('\n');
  const sensitivities = measured.sensitivities.flatMap((sensitivity) =>
    sensitivityTables(sensitivity).map(({ title, ...table }) =>
      titled({ ...table, title: `${taskTitle(sensitivity)}: ${title}` }),
    ),
  );
  return [titled(sizeTable(measured.columns)), ...sensitivities].join('\n\n');
}

/** Makes an HTML document of it, with pictures. */
export async function columnsPage(title: string, { columns, sensitivities }: ColumnMeasurements): Promise<string> {
  const counted = columns.flatMap(({ multiplyAdds }) => multiplyAdds ?? []);
  const sizes = [
    barSpec(
      'parameters',
      columns.map(({ parameters }) => parameters),
    ),
  ];
  if (counted.length === columns.length) sizes.push(barSpec('multiply-adds', counted));
  const sections: Section[] = [
    { title: 'Sizes', text: SIZES, pictures: await Promise.all(sizes.map(plot)), tables: [sizeTable(columns)] },
  ];
  for (const sensitivity of sensitivities) {
    sections.push({
      title: `What ${taskTitle(sensitivity)} listens to`,
      text: SENSITIVITY,
      pictures: await Promise.all(kindsOf(sensitivity).map(([kind, shares]) => plot(heatSpec(kind, shares)))),
      tables: sensitivityTables(sensitivity),
    });
  }
  return page(title, sections);
}

const taskTitle = ({ task, column }: ColumnSensitivity) => `task ${task} (column ${column})`;

/** 0 itself stands for a block that is not heard, `0.000` for one that hardly matters. */
const formatShare = (share: number, digits: number) => (share === 0 ? '0' : share.toFixed(digits));

const kindsOf = ({ fisher, perturbation }: ColumnSensitivity) =>
  [
    ['average Fisher sensitivity', fisher],
    ['average perturbation sensitivity', perturbation],
  ] as const;

function sizeTable(columns: readonly MeasuredColumn[]): Table {
  const right = (title: string) => ({ title, align: 'right' as const });
  const count = (value: number | undefined) => (value === undefined ? '–' : formatCount(value));
  return {
    columns: [
      { title: 'column' },
      { title: 'kind' },
      right('width'),
      right('depth'),
      { title: 'tasks' },
      { title: 'state' },
      right('parameters'),
      right('lateral'),
      right('multiply-adds'),
      right('lateral'),
      right('prediction'),
    ],
    rows: columns.map(({ kind, sharing, width, depth, tasks, frozen, parameters, multiplyAdds }, index) => [
      String(index),
      sharing === undefined ? kind : `${kind}, ${sharing}`,
      String(width),
      String(depth),
      tasks.join(', '),
      frozen ? 'frozen' : 'open',
      formatCount(parameters.own),
      formatCount(parameters.lateral),
      count(multiplyAdds?.own),
      count(multiplyAdds?.lateral),
      count(multiplyAdds?.prediction),
    ]),
  };
}

const sensitivityTables = (sensitivity: ColumnSensitivity): Table[] =>
  kindsOf(sensitivity).map(([title, shares]) => ({
    title,
    columns: [{ title: 'column' }, ...shares[0]!.map((_, b) => ({ title: `block ${b}`, align: 'right' as const }))],
    rows: shares.map((blocks, j) => [String(j), ...blocks.map((share) => formatShare(share, 3))]),
  }));

/** Draws shares as colours, the blocks to the right and the columns downwards. */
function heatSpec(title: string, shares: readonly (readonly number[])[]): TopLevelSpec {
  const values = shares.flatMap((blocks, column) =>
    blocks.map((share, block) => ({ column, block, share, label: formatShare(share, 2) })),
  );
  return {
    title,
    data: { values },
    width: { step: 56 },
    height: { step: 36 },
    encoding: {
      x: { field: 'block', type: 'ordinal', axis: { title: 'block', labelAngle: 0, domain: false, ticks: false } },
      y: { field: 'column', type: 'ordinal', axis: { title: 'column', domain: false, ticks: false } },
    },
    layer: [
      {
        mark: { type: 'rect', cornerRadius: 2 },
        encoding: {
          color: {
            field: 'share',
            type: 'quantitative',
            scale: { domain: [0, 1], range: ['#eef3fa', '#1f4e8c'] },
            legend: null,
          },
        },
      },
      {
        mark: { type: 'text', fontSize: 12 },
        encoding: {
          text: { field: 'label', type: 'nominal' },
          color: { condition: { test: 'datum.share > 0.6', value: '#ffffff' }, value: '#1b1f24' },
        },
      },
    ],
    config: { scale: { bandPaddingInner: 0.06, bandPaddingOuter: 0 } },
  };
}

/** Draws a bar for each column, own and lateral one after the other, and their sum in figures. */
function barSpec(title: string, columns: readonly { readonly own: number; readonly lateral: number }[]): TopLevelSpec {
  const values = columns.flatMap(({ own, lateral }, column) => [
    { column, part: 'own', count: own },
    { column, part: 'lateral', count: lateral },
  ]);
  const sums = columns.map(({ own, lateral }, column) => ({
    column,
    sum: own + lateral,
    label: formatCount(own + lateral),
  }));
  const y = { field: 'column', type: 'ordinal', axis: { title: 'column', ticks: false } } as const;
  return {
    title,
    width: 320,
    height: { step: 30 },
    layer: [
      {
        data: { values },
        mark: { type: 'bar' },
        encoding: {
          y,
          x: {
            field: 'count',
            type: 'quantitative',
            axis: { title: null, labelExpr: 'format(datum.value, "~s")', tickCount: 5 },
          },
          color: {
            field: 'part',
            type: 'nominal',
            scale: { domain: ['own', 'lateral'], range: ['#3b74bd', '#e0993a'] },
            legend: { title: null, orient: 'bottom' },
          },
          order: { field: 'part', sort: 'descending' },
        },
      },
      {
        data: { values: sums },
        mark: { type: 'text', align: 'left', dx: 5, fontSize: 12 },
        encoding: { y, x: { field: 'sum', type: 'quantitative' }, text: { field: 'label', type: 'nominal' } },
      },
    ],
  };
}
