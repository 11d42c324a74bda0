import type { TopLevelSpec } from 'vega-lite';

/** An axis of parallel coordinates is one setting, or one objective. */
export interface ParallelAxis {
  readonly name: string;
  /** Its ticks: where they stand, from 0 at the bottom to 1, and what is written there. */
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

/** A line through all axes is one trial. */
export interface ParallelLine {
  readonly name: string;
  /** Where it crosses each axis, from 0 to 1. */
  readonly at: readonly number[];
  /** How good it is, from 0 to 1: its colour. */
  readonly good: number;
  /** Whether it is drawn above the others and thicker. */
  readonly marked: boolean;
}

const BETWEEN = 130;

/** Draws trials as lines through axes that stand side by side: the good ones dark, the marked ones thick. */
export function parallelSpec(
  title: string,
  axes: readonly ParallelAxis[],
  lines: readonly ParallelLine[],
): TopLevelSpec {
  const names = axes.map(({ name }) => name);
  const pointsOf = (marked: boolean) =>
    lines
      .filter((line) => line.marked === marked)
      .flatMap(({ name, at, good }) => at.map((value, i) => ({ name, axis: names[i], value, good })));
  const x = {
    field: 'axis',
    type: 'nominal',
    sort: null,
    scale: { domain: names, type: 'point', padding: 0.6 },
    axis: {
      title: null,
      domain: false,
      ticks: false,
      labelAngle: -12,
      labelLimit: 200,
      orient: 'bottom',
      labelPadding: 14,
      grid: true,
      gridOpacity: 0.6,
    },
  } as const;
  const y = { field: 'value', type: 'quantitative', scale: { domain: [0, 1] }, axis: null } as const;
  const color = {
    field: 'good',
    type: 'quantitative',
    scale: { domain: [0, 1], range: ['#d9a066', '#8fa3b8', '#1f4e8c'], interpolate: 'lab' },
    legend: null,
  } as const;
  const layer = (marked: boolean, strokeWidth: number, opacity: number) => ({
    data: { values: pointsOf(marked) },
    mark: { type: 'line' as const, strokeWidth, opacity, interpolate: 'monotone' as const },
    encoding: { x, y, color, detail: { field: 'name' } },
  });
  return {
    title: { text: title, offset: 20 },
    width: BETWEEN * axes.length,
    height: 280,
    layer: [
      layer(false, 1.2, 0.5),
      layer(true, 2.6, 1),
      {
        data: { values: axes.flatMap(({ name, ticks }) => ticks.map((tick) => ({ axis: name, ...tick }))) },
        mark: { type: 'text', align: 'left', dx: 6, fontSize: 11 },
        encoding: {
          x,
          y: { field: 'at', type: 'quantitative', scale: { domain: [0, 1] }, axis: null },
          text: { field: 'label' },
        },
      },
    ],
  } as TopLevelSpec;
}
