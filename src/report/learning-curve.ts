import type { TopLevelSpec } from 'vega-lite';

/** A learning curve is what was measured of one way of training, and the fit through it with its band. */
export interface DrawnCurve {
  readonly name: string;
  readonly points: readonly { readonly examples: number; readonly value: number }[];
  readonly fit: readonly {
    readonly examples: number;
    readonly value: number;
    readonly low: number;
    readonly high: number;
  }[];
}

/** Draws a metric over the number of training examples, which is logarithmic. `target`: a value that is looked for. */
export function learningCurveSpec(
  title: string,
  metric: string,
  curves: readonly DrawnCurve[],
  target?: number,
): TopLevelSpec {
  const named = <Point>(read: (curve: DrawnCurve) => readonly Point[]) => ({
    values: curves.flatMap((curve) => read(curve).map((point) => ({ name: curve.name, ...point }))),
  });
  const x = {
    field: 'examples',
    type: 'quantitative',
    scale: { type: 'log', nice: false },
    axis: { title: 'training examples', grid: false, tickCount: 6, format: '~s' },
  } as const;
  const y = (field: string) =>
    ({ field, type: 'quantitative', scale: { zero: false }, axis: { title: metric, tickCount: 6 } }) as const;
  const color = {
    field: 'name',
    type: 'nominal',
    scale: { scheme: 'tableau10' },
    legend: curves.length < 2 ? null : { title: null, orient: 'bottom' },
  } as const;
  return {
    title,
    width: 560,
    height: 320,
    layer: [
      {
        data: named(({ fit }) => fit),
        mark: { type: 'area' as const, opacity: 0.18 },
        encoding: { x, y: y('low'), y2: { field: 'high' }, color },
      },
      {
        data: named(({ fit }) => fit),
        mark: { type: 'line' as const, strokeWidth: 1.8 },
        encoding: { x, y: y('value'), color },
      },
      {
        data: named(({ points }) => points),
        mark: { type: 'point' as const, filled: true, size: 36, opacity: 0.8 },
        encoding: { x, y: y('value'), color },
      },
      ...(target === undefined
        ? []
        : [
            {
              data: { values: [{}] },
              mark: { type: 'rule' as const, strokeDash: [4, 4], color: 'currentColor' },
              encoding: { y: { datum: target } },
            },
          ]),
    ],
  } as TopLevelSpec;
}
