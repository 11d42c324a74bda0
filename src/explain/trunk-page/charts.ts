import type { TopLevelSpec } from 'vega-lite';
import type { TrainingInfluence } from '../trunk/training-influence.ts';
import type { ProbedTask } from './explanation.ts';

const KINDS = ['as they are', 'shuffled'];

/** Draws how much can be read off by depth: a colour for each trunk, dashed what shuffled labels give. */
export function probeSpec({ task, labels, trunks }: ProbedTask): TopLevelSpec {
  const values = trunks.flatMap(({ name, depths }) =>
    depths.flatMap(({ depth, accuracy, control }) => [
      { name, depth, accuracy, labels: KINDS[0] },
      { name, depth, accuracy: control, labels: KINDS[1] },
    ]),
  );
  return {
    title: `${task}: ${labels} (dashed: shuffled labels)`,
    width: 360,
    height: 220,
    data: { values },
    mark: { type: 'line', point: { size: 30 }, strokeWidth: 1.8 },
    encoding: {
      x: {
        field: 'depth',
        type: 'quantitative',
        axis: { title: 'after so many blocks', tickMinStep: 1, grid: false, format: 'd' },
      },
      y: { field: 'accuracy', type: 'quantitative', scale: { domain: [0, 1] }, axis: { title: 'share told right' } },
      color: {
        field: 'name',
        type: 'nominal',
        scale: { domain: trunks.map(({ name }) => name), scheme: 'tableau10' },
        legend: { title: null, orient: 'bottom', labelLimit: 560, columns: 1, symbolType: 'stroke' },
      },
      strokeDash: {
        field: 'labels',
        type: 'nominal',
        scale: { domain: KINDS },
        legend: null,
      },
    },
  };
}

/** Draws a tick for each training example by its influence, beside what labels of others give. */
export function influenceSpec({ of, on, examples, common }: TrainingInfluence): TopLevelSpec {
  const values = examples.flatMap(({ influence, control }) => [
    { influence, labels: KINDS[0] },
    { influence: control, labels: KINDS[1] },
  ]);
  return {
    title: `Training examples of ${of}, for an example of ${on}`,
    width: 440,
    height: 70,
    layer: [
      {
        data: { values: [{ from: -common, to: common }] },
        mark: { type: 'rect', opacity: 0.15 },
        encoding: { x: { field: 'from', type: 'quantitative' }, x2: { field: 'to' } },
      },
      {
        data: { values },
        mark: { type: 'tick', thickness: 1.2, opacity: 0.7 },
        encoding: {
          x: { field: 'influence', type: 'quantitative', axis: { title: 'hurt ← influence → helped', grid: false } },
          y: { field: 'labels', type: 'nominal', scale: { domain: KINDS }, axis: { title: null } },
          color: { field: 'labels', type: 'nominal', scale: { domain: KINDS, scheme: 'tableau10' }, legend: null },
        },
      },
    ],
    config: { rect: { color: 'currentColor' } },
  };
}
