import type { ExportedTensor, ExportReport } from '../../export/index.ts';
import { type Column, formatFigure, formatPace, renderTable } from '../../report/index.ts';
import { showBytes } from '../../show.ts';

const COLUMNS: readonly Column[] = [
  { title: 'function' },
  { title: 'inputs' },
  { title: 'outputs' },
  { title: 'difference', align: 'right' },
  { title: 'one example', align: 'right' },
];

/** Says what an export holds: its functions, and who has checked them. */
export function exportText(
  { bytes, checkedBy, missing, functions, changes, quantise: asked, module = {} }: ExportReport,
  out: string,
): string {
  const rows = functions.map(({ name, inputs, outputs, difference, milliseconds }) => [
    name,
    inputs.map(tensorText).join(', '),
    outputs.map(tensorText).join(', '),
    difference === undefined ? '' : difference.toExponential(1),
    milliseconds === undefined ? '' : formatPace(milliseconds),
  ]);
  const check =
    checkedBy === undefined
      ? `It was not checked: that needs ${missing}.`
      : `Checked by ${checkedBy}: the difference is the largest from the network, as a part of the largest number.`;
  const losses = changes === undefined ? '' : `${lossesText(changes)}\n\n`;
  const wider = functions
    .filter(({ quantise }) => quantise !== undefined)
    .map(
      ({ name, quantise }) => `${name} is stored as ${quantise}: by ${asked} its task would lose more than it may.\n`,
    );
  const foreign = Object.entries(module).flatMap(([task, abilities]) => {
    const lacks = Object.entries(abilities).flatMap(([name, does]) => (does ? [] : [name.replace(/s$/, '')]));
    return lacks.length === 0
      ? []
      : [`${task}: the module cannot ${lacks.join(' or ')} for it; its parts name no kind.\n`];
  });
  const asides = [...wider, ...foreign];
  const aside = asides.length === 0 ? '' : `${asides.join('')}\n`;
  return `${renderTable(COLUMNS, rows)}\n\n${losses}${aside}${out}: ${showBytes(bytes)}. ${check}`;
}

/** What the tasks have lost by weights of fewer bits. */
const lossesText = (changes: NonNullable<ExportReport['changes']>): string =>
  renderTable(
    [
      { title: 'task' },
      { title: 'metric' },
      { title: 'float32', align: 'right' },
      { title: 'exported', align: 'right' },
    ],
    Object.entries(changes).map(([task, { metric, before, after }]) => [
      task,
      metric,
      formatFigure(before),
      formatFigure(after),
    ]),
  );

const tensorText = ({ name, shape, dtype }: ExportedTensor): string =>
  `${name} ${dtype}[${shape.map((size) => (size === -1 ? 'batch' : size)).join(', ')}]`;
