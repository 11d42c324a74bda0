import { stringify } from 'yaml';
import { columnsText, formatCount, metricsTable, renderTable } from '../../report/index.ts';
import type { ColumnsInspection } from '../../study/run/columns.ts';
import type { Inspection, WeightInspection } from '../../study/run/inspect.ts';

/** Says what a run is made of and how far it is. */
export function inspectionText(inspection: Inspection): string {
  const { folder, experiment, network, step, steps, complete, metrics, splits } = inspection;
  const rows = [
    ...network.stems.map(({ name, modality, parameters, tasks }) => [
      'stem',
      name,
      modality + (tasks.length > 1 ? `, for ${tasks.join(', ')}` : ''),
      formatCount(parameters),
    ]),
    ...network.columns.map(({ kind, sharing, width, depth, parameters: { own, lateral } }, i) => [
      'column',
      String(i),
      `${kind}, width ${width}, depth ${depth}${sharing === undefined ? '' : `, shared by ${sharing}`}`,
      formatCount(own + lateral),
    ]),
    ...network.heads.map(({ name, tasks, parameters }) => [
      'head',
      name,
      tasks.length > 1 ? `for ${tasks.join(', ')}` : '',
      formatCount(parameters),
    ]),
    ['all', '', '', formatCount(network.parameters)],
  ];
  const table = renderTable(
    [{ title: 'part' }, { title: 'name' }, { title: 'kind' }, { title: 'parameters', align: 'right' }],
    rows,
  );
  const state = complete ? 'complete' : 'not complete';
  const done = `${folder}: ${state}, step ${formatCount(step)}${steps === undefined ? '' : ` of ${formatCount(steps)}`}`;
  const measured = metrics === undefined ? [] : ['', metricsTable(metrics, splits)];
  return [done, '', table, ...measured, '', stringify(experiment).trimEnd()].join('\n');
}

/** Lists the weights of a run's network. */
export const weightsText = (weights: readonly WeightInspection[]): string =>
  renderTable(
    [{ title: 'weight' }, { title: 'shape' }, { title: 'trained' }],
    weights.map(({ name, shape, trained }) => [name, `[${shape.join(', ')}]`, trained ? 'yes' : 'no']),
  );

/** Says what was measured of a run's columns, and where the pictures are. */
export const columnsInspectionText = ({ page, ...measured }: ColumnsInspection): string =>
  `${columnsText(measured)}\n\npictures: ${page}`;
