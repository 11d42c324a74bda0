import type { TopLevelSpec } from 'vega-lite';

/** It is a mean and the interval around it. */
export interface MeanInterval {
  readonly name: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** So many times the width of the middle half beside it is still in the picture: a value that failed would push all others together. */
const FENCE = 12;

/** Returns whether a value is near enough to the others to be in one picture with them. */
function fenceOf(values: readonly number[]): (value: number) => boolean {
  const sorted = [...values].sort((a, b) => a - b);
  const quantile = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  const [low, high] = [quantile(0.25), quantile(0.75)];
  const reach = FENCE * (high - low);
  // Of less than four there is no middle half to speak of.
  return (value) => values.length < 4 || reach === 0 || (value >= low - reach && value <= high + reach);
}

/** Says in the title what is left out. */
const titled = (title: string, outside: readonly { readonly name: string }[]) =>
  outside.length === 0
    ? title
    : { text: title, subtitle: `outside of the picture: ${outside.map(({ name }) => name).join(', ')}` };

const WIDTH = 440;
const ROW = 20;

const axis = (title: string) => ({ title, tickCount: 6, grid: true });

/** Draws a line for each name: its mean, and its interval around it. `rule` is where nothing would have changed. */
export function intervalSpec(title: string, unit: string, rows: readonly MeanInterval[], rule?: number): TopLevelSpec {
  const y = { field: 'name', type: 'nominal', sort: null, axis: { title: null, labelLimit: 220 } } as const;
  const scale = { zero: false } as const;
  const near = fenceOf(rows.map(({ mean }) => mean));
  const inside = rows.filter(({ mean }) => near(mean));
  return {
    title: titled(
      title,
      rows.filter((row) => !inside.includes(row)),
    ),
    width: WIDTH,
    height: { step: ROW },
    data: { values: inside },
    layer: [
      ...(rule === undefined
        ? []
        : [
            {
              data: { values: [{}] },
              mark: { type: 'rule' as const, strokeDash: [4, 4] },
              encoding: { x: { datum: rule } },
            },
          ]),
      {
        mark: { type: 'rule' as const, strokeWidth: 2, opacity: 0.45 },
        encoding: {
          y,
          x: { field: 'low', type: 'quantitative', axis: axis(unit), scale },
          x2: { field: 'high' },
        },
      },
      {
        mark: { type: 'point' as const, filled: true, size: 50, opacity: 1 },
        encoding: { y, x: { field: 'mean', type: 'quantitative', axis: axis(unit), scale } },
      },
    ],
    config: { rule: { color: 'currentColor' }, point: { color: '#4c78a8' } },
  } as TopLevelSpec;
}

/** A point of a Pareto plot is what one candidate reached in two figures. */
export interface ParetoPoint {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  /** Whether it is drawn full and with its name; the others are faint. */
  readonly marked: boolean;
}

/** A Pareto plot shows candidates by two figures, of which each should be good. */
export interface ParetoPlot {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly points: readonly ParetoPoint[];
  /** Lines through the plot show what each task reaches alone. */
  readonly lines?: { readonly x?: number; readonly y?: number };
}

/** Draws candidates by two figures, the marked ones by name. */
export function paretoSpec({ title, x, y, points: all, lines = {} }: ParetoPlot): TopLevelSpec {
  const [nearX, nearY] = [fenceOf(all.map((point) => point.x)), fenceOf(all.map((point) => point.y))];
  const points = all.filter((point) => nearX(point.x) && nearY(point.y));
  const scale = { zero: false, nice: true, padding: 24 };
  const at = {
    x: { field: 'x', type: 'quantitative', axis: axis(x), scale },
    y: { field: 'y', type: 'quantitative', axis: axis(y), scale },
  } as const;
  const rules = Object.entries(lines).map(([channel, datum]) => ({
    data: { values: [{}] },
    mark: { type: 'rule' as const, strokeDash: [4, 4], opacity: 0.6 },
    encoding: { [channel]: { datum } },
  }));
  const named = points.filter(({ marked }) => marked).sort((a, b) => b.y - a.y);
  return {
    title: titled(
      title,
      all.filter((point) => !points.includes(point)),
    ),
    width: WIDTH,
    height: 300,
    layer: [
      ...rules,
      {
        data: { values: points.filter(({ marked }) => !marked) },
        mark: { type: 'point' as const, filled: true, size: 40, opacity: 0.4 },
        encoding: at,
      },
      {
        data: { values: named },
        mark: { type: 'point' as const, filled: true, size: 70, opacity: 1 },
        encoding: at,
      },
      {
        data: { values: named },
        mark: { type: 'text' as const, align: 'left' as const, dx: 7, dy: -6, fontSize: 11, limit: 160 },
        encoding: { ...at, text: { field: 'name' } },
      },
    ],
    config: { rule: { color: 'currentColor' }, point: { color: '#4c78a8' } },
  } as TopLevelSpec;
}
