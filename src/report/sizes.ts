import type { TopLevelSpec } from 'vega-lite';

/** What a network of some size reaches on a task. */
export interface DrawnSize {
  readonly name: string;
  /** How it came to its size. */
  readonly route: string;
  /** How its weights are stored. */
  readonly form: string;
  /** Its size, or its time. */
  readonly size: number;
  readonly value: number;
}

/** Draws a metric over sizes or times, which are logarithmic: a dot for each network, and the original's value as a line. */
export function sizeSpec(
  title: string,
  { metric, axis, format }: { readonly metric: string; readonly axis: string; readonly format: string },
  sizes: readonly DrawnSize[],
  original: number,
): TopLevelSpec {
  const forms = new Set(sizes.map(({ form }) => form));
  return {
    title,
    width: 420,
    height: 260,
    layer: [
      {
        data: { values: [{}] },
        mark: { type: 'rule' as const, strokeDash: [4, 4], color: 'currentColor' },
        encoding: { y: { datum: original } },
      },
      {
        data: { values: sizes.filter(({ value }) => Number.isFinite(value)) },
        mark: { type: 'point' as const, filled: true, size: 70, opacity: 0.85 },
        encoding: {
          x: {
            field: 'size',
            type: 'quantitative',
            scale: { type: 'log', nice: false, padding: 12 },
            axis: { title: axis, grid: false, tickCount: 5, format },
          },
          y: {
            field: 'value',
            type: 'quantitative',
            scale: { zero: false, padding: 8 },
            axis: { title: metric, tickCount: 6 },
          },
          color: {
            field: 'route',
            type: 'nominal',
            scale: { scheme: 'tableau10' },
            legend: { title: null, orient: 'bottom' },
          },
          ...(forms.size < 2
            ? {}
            : { shape: { field: 'form', type: 'nominal', legend: { title: null, orient: 'bottom' } } }),
          tooltip: { field: 'name', type: 'nominal' },
        },
      },
    ],
  } as TopLevelSpec;
}
