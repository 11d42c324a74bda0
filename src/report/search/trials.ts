import type { TopLevelSpec } from 'vega-lite';

/** How a trial ended. */
type State = 'complete' | 'pruned' | 'failed';

/** A bar is one trial, as long as it was trained. */
export interface TrialBar {
  readonly number: number;
  readonly steps: number;
  readonly state: State;
}

/** A curve is what a trial reached on its way. */
export interface TrialCurve {
  readonly number: number;
  readonly state: State;
  /** At each measurement, from 1. */
  readonly points: readonly { readonly measurement: number; readonly value: number }[];
}

const WIDTH = 440;
const state = {
  field: 'state',
  type: 'nominal',
  scale: { domain: ['complete', 'pruned', 'failed'], range: ['#4c78a8', '#e08a3c', '#c0392b'] },
  legend: { title: null, orient: 'bottom' },
} as const;

/** Draws after how many steps each trial ended, and how. */
export function endingsSpec(title: string, bars: readonly TrialBar[]): TopLevelSpec {
  return {
    title,
    width: Math.max(WIDTH, 10 * bars.length),
    height: 160,
    data: { values: [...bars] },
    mark: { type: 'bar' },
    encoding: {
      x: {
        field: 'number',
        type: 'ordinal',
        axis: { title: 'trial', labelAngle: 0, labelOverlap: true },
      },
      y: { field: 'steps', type: 'quantitative', axis: { title: 'steps', tickCount: 5 } },
      color: state,
    },
  };
}

/** Draws what all trials reached on their way; of one that was ended the last point is marked. */
export function curvesSpec(title: string, curves: readonly TrialCurve[]): TopLevelSpec {
  const pointsOf = ({ number, state, points }: TrialCurve) => points.map((point) => ({ number, state, ...point }));
  const x = {
    field: 'measurement',
    type: 'quantitative',
    axis: { title: 'measurement', grid: false, tickCount: 5, tickMinStep: 1 },
    scale: { nice: false },
  } as const;
  const y = {
    field: 'value',
    type: 'quantitative',
    axis: { title: null, tickCount: 5 },
    scale: { zero: false },
  } as const;
  return {
    title,
    width: WIDTH,
    height: 220,
    layer: [
      {
        data: { values: curves.flatMap(pointsOf) },
        mark: { type: 'line', strokeWidth: 1.3, opacity: 0.6 },
        encoding: { x, y, color: state, detail: { field: 'number' } },
      },
      {
        data: {
          values: curves.filter((curve) => curve.state === 'pruned').flatMap((curve) => pointsOf(curve).slice(-1)),
        },
        mark: { type: 'point', filled: true, size: 36, opacity: 1 },
        encoding: { x, y, color: state },
      },
    ],
  };
}
