import type { TopLevelSpec } from 'vega-lite';
import type { TrainingEvent } from '../../train/events.ts';
import { formatFigure } from '../format.ts';
import type { Section } from '../page.ts';
import { plot } from '../plot.ts';
import { eventsOf } from './series.ts';

/** The losses of a task at one evaluation. */
export interface GapPoint {
  readonly step: number;
  /** The mean over the labelled examples of the steps since the evaluation before. */
  readonly training: number;
  /** The mean over the validation split. */
  readonly validation: number;
}

const TEXT =
  'At each measurement on the validation split, beside the mean training loss of the steps before it; shaded is the gap between the two. The training loss is that of examples as they were trained on, with dropout and augmentation, so it may lie above. A dashed line is where overfitting began.';

/** Shows training and validation loss of each task in one plot; no section where nothing was measured twice. */
export async function lossGapSections(
  events: readonly TrainingEvent[],
  tasks: readonly string[],
): Promise<readonly Section[]> {
  const drawn = tasks
    .map((task) => ({ task, points: gapPoints(events, task) }))
    .filter(({ points }) => points.length > 1);
  if (drawn.length === 0) return [];
  const since = new Map(eventsOf(events, 'overfitting').map(({ task, since }) => [task, since]));
  const pictures = drawn.map(({ task, points }) => plot(lossGapSpec(task, points, since.get(task))));
  return [{ title: 'Training and validation loss', text: TEXT, pictures: await Promise.all(pictures) }];
}

/** Pairs each measured validation loss of a task with the mean of its training losses since the one before. */
export function gapPoints(events: readonly TrainingEvent[], task: string): readonly GapPoint[] {
  const points: GapPoint[] = [];
  let [sum, weight] = [0, 0];
  for (const event of events) {
    if (event.kind === 'step') {
      const loss = event.losses[task];
      // Logs of older trainings do not tell how many labels there were.
      const labelled = event.labelled?.[task] ?? 1;
      if (loss !== undefined && Number.isFinite(loss)) [sum, weight] = [sum + loss * labelled, weight + labelled];
    }
    if (event.kind !== 'evaluation') continue;
    const validation = event.metrics[task]?.loss;
    if (validation === undefined || !Number.isFinite(validation) || weight === 0) continue;
    points.push({ step: event.step, training: sum / weight, validation });
    [sum, weight] = [0, 0];
  }
  return points;
}

/** Draws both losses and the gap between them; `since`: the step at which overfitting began. */
export function lossGapSpec(title: string, points: readonly GapPoint[], since: number | undefined): TopLevelSpec {
  const last = points.at(-1)!;
  const gap = last.validation - last.training;
  const x = {
    field: 'step',
    type: 'quantitative',
    axis: { title: 'step', grid: false, tickCount: 5, tickMinStep: 1 },
    scale: { nice: false },
  } as const;
  const y = (field: string) =>
    ({ field, type: 'quantitative', axis: { title: null, tickCount: 5 }, scale: { zero: false } }) as const;
  const color = {
    field: 'name',
    type: 'nominal',
    scale: { domain: ['training', 'validation'], range: ['#4c78a8', '#e08a3c'] },
    legend: { title: null, orient: 'bottom', symbolType: 'stroke' },
  } as const;
  const lines = points.flatMap(({ step, training, validation }) => [
    { name: 'training', step, value: training },
    { name: 'validation', step, value: validation },
  ]);
  return {
    title: { text: title, subtitle: `gap at step ${last.step}: ${gap < 0 ? '−' : '+'}${formatFigure(Math.abs(gap))}` },
    width: 440,
    height: 200,
    layer: [
      {
        data: { values: [...points] },
        mark: { type: 'area' as const, opacity: 0.15, color: '#e08a3c' },
        encoding: { x, y: y('training'), y2: { field: 'validation' } },
      },
      {
        data: { values: lines },
        mark: { type: 'line' as const, strokeWidth: 1.8, point: points.length <= 40 && { size: 24 } },
        encoding: { x, y: y('value'), color },
      },
      ...(since === undefined
        ? []
        : [
            {
              data: { values: [{ step: since }] },
              mark: { type: 'rule' as const, strokeDash: [4, 4], color: 'currentColor' },
              encoding: { x },
            },
          ]),
    ],
  } as TopLevelSpec;
}
