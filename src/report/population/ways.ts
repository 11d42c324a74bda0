import type { TopLevelSpec } from 'vega-lite';

/** What one setting, or the objective, was along the way of one network. */
export interface Way {
  readonly name: string;
  readonly points: readonly { readonly step: number; readonly value: number }[];
  /** Whether it is drawn above the others and thicker. */
  readonly marked: boolean;
}

/** Above this ratio of the greatest to the least value the axis is logarithmic. */
const MUCH = 20;

/** Draws a figure along the ways of all networks that reached the end, the best one's thick. `stepped`: it holds up to each step. */
export function waysSpec(title: string, ways: readonly Way[], stepped: boolean): TopLevelSpec {
  const values = ways.flatMap(({ points }) => points.map(({ value }) => value));
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const log = least > 0 && most > MUCH * least;
  const x = {
    field: 'step',
    type: 'quantitative',
    axis: { title: 'step', grid: false, tickCount: 5 },
    scale: { nice: false },
  } as const;
  const y = {
    field: 'value',
    type: 'quantitative',
    axis: { title: null, tickCount: 5, ...(log ? { format: '~g' } : {}) },
    scale: log ? { type: 'log', domain: [least, most], nice: false } : { zero: false },
  } as const;
  const layer = (marked: boolean, strokeWidth: number, opacity: number) => ({
    data: {
      values: ways
        .filter((way) => way.marked === marked)
        .flatMap(({ name, points }) => points.map((point) => ({ name, ...point }))),
    },
    mark: {
      type: 'line' as const,
      strokeWidth,
      opacity,
      color: marked ? '#1f4e8c' : '#8fa3b8',
      interpolate: stepped ? ('step-before' as const) : ('linear' as const),
    },
    encoding: { x, y, detail: { field: 'name' } },
  });
  return { title, width: 440, height: 200, layer: [layer(false, 1.2, 0.6), layer(true, 2.6, 1)] } as TopLevelSpec;
}
