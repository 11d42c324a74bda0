import type { ExportedTensor, ExportReport } from '../../export/index.ts';
import { type Column, renderTable } from '../../report/index.ts';
import { showBytes } from '../../show.ts';

const COLUMNS: readonly Column[] = [
  { title: 'function' },
  { title: 'inputs' },
  { title: 'outputs' },
  { title: 'difference', align: 'right' },
];

/** Says what an export holds: its functions, and who has checked them. */
export function exportText({ bytes, checkedBy, missing, functions }: ExportReport, out: string): string {
  const rows = functions.map(({ name, inputs, outputs, difference }) => [
    name,
    inputs.map(tensorText).join(', '),
    outputs.map(tensorText).join(', '),
    difference === undefined ? '' : difference.toExponential(1),
  ]);
  const check =
    checkedBy === undefined
      ? `It was not checked: that needs ${missing}.`
      : `Checked by ${checkedBy}: the last column is the largest difference from the network, as a part of the largest number.`;
  return `${renderTable(COLUMNS, rows)}\n\n${out}: ${showBytes(bytes)}. ${check}`;
}

const tensorText = ({ name, shape, dtype }: ExportedTensor): string =>
  `${name} ${dtype}[${shape.map((size) => (size === -1 ? 'batch' : size)).join(', ')}]`;
