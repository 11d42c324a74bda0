import type { TopLevelSpec } from 'vega-lite';
import { formatCosine } from '../format.ts';
import { type Line, smoothed, thinned } from './series.ts';

/** A line chart shows lines over the steps. */
export interface LineChart {
  readonly title: string;
  readonly lines: readonly Line[];
  /** They stand in the order of their colours; a name has one colour in all charts of the same names. */
  readonly names: readonly string[];
  /** It draws means of neighbouring points, and faint behind them the points. */
  readonly smooth?: boolean;
  /** The axis is logarithmic where values differ much and none is 0. */
  readonly logarithmic?: boolean;
  /** The axis reaches as far below 0 as above. */
  readonly symmetric?: boolean;
}

// The largest value is so many times the smallest.
const MUCH = 15;
const FEW = 40;
const WIDTH = 440;
// Points: what Vega reckons a letter takes, and where a label is cut off.
const LETTER = 9.6;
const LABEL = 560;

const longest = (names: readonly string[]) => Math.max(...names.map(({ length }) => length));

/** Makes the specification of a line chart: one colour a name, the names in a legend below. */
export function lineSpec({ title, lines, names, smooth, logarithmic, symmetric }: LineChart): TopLevelSpec {
  const drawn = (smooth ? lines.map(smoothed) : lines).map(thinned);
  const faint = smooth ? lines.map(thinned) : [];
  const values = [...drawn, ...faint].flatMap(({ points }) => points.map(({ value }) => value));
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const log = logarithmic === true && least > 0 && most > MUCH * least;
  const reach = Math.max(Math.abs(least), Math.abs(most), 1e-6);
  const y = {
    field: 'value',
    type: 'quantitative',
    axis: { title: null, ...(log ? { values: ticks(least, most), format: '~g' } : { tickCount: 5 }) },
    scale: {
      ...(log ? { type: 'log', domain: [least, most], nice: false } : { zero: least === most }),
      ...(symmetric ? { domain: [-reach, reach] } : {}),
    },
  } as const;
  const last = Math.max(...drawn.flatMap(({ points }) => points.map(({ step }) => step)));
  const x = {
    field: 'step',
    type: 'quantitative',
    axis: { title: 'step', grid: false, tickCount: 5, tickMinStep: 1, labelExpr: 'format(datum.value, "~s")' },
    scale: { domain: [0, last], nice: false },
  } as const;
  const room = WIDTH / (LETTER * longest(names) + 20);
  const legend =
    names.length < 2
      ? null
      : ({
          title: null,
          orient: 'bottom',
          columns: Math.max(1, Math.min(names.length, Math.floor(room))),
          labelLimit: LABEL,
          values: lines.map(({ name }) => name),
          rowPadding: 4,
          symbolType: 'stroke',
          symbolOpacity: 1,
        } as const);
  const color = {
    field: 'name',
    type: 'nominal',
    scale: { domain: [...names], scheme: 'tableau10' },
    legend,
  } as const;
  const dataOf = (of: readonly Line[]) => ({
    values: of.flatMap(({ name, points }) => points.map((point) => ({ name, ...point }))),
  });
  const encoding = { x, y, color };
  const point = !smooth && Math.max(...drawn.map(({ points }) => points.length)) <= FEW;
  return {
    title,
    width: WIDTH,
    height: 200,
    layer: [
      ...(symmetric
        ? [{ data: { values: [{}] }, mark: { type: 'rule' as const, opacity: 0.6 }, encoding: { y: { datum: 0 } } }]
        : []),
      ...(smooth
        ? [{ data: dataOf(faint), mark: { type: 'line' as const, strokeWidth: 1, opacity: 0.25 }, encoding }]
        : []),
      {
        data: dataOf(drawn),
        mark: { type: 'line' as const, strokeWidth: 1.8, point: point && { size: 24 } },
        encoding,
      },
    ],
    config: { rule: { color: 'currentColor' } },
  } as TopLevelSpec;
}

/** Chooses a few round numbers for a logarithmic axis. */
function ticks(least: number, most: number): number[] {
  const first = Math.floor(Math.log10(least));
  const decades = Array.from({ length: Math.ceil(Math.log10(most)) - first + 1 }, (_, i) => first + i);
  const every = Math.ceil(decades.length / 6);
  const steps = decades.length <= 3 ? [1, 2, 5] : [1];
  return decades
    .filter((_, i) => i % every === 0)
    .flatMap((decade) => steps.map((step) => Number(`${step}e${decade}`)))
    .filter((tick) => tick >= least && tick <= most);
}

/** A grid shows cosines. */
export interface CosineGrid {
  readonly title: string;
  /** These stand downwards and to the right. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** They are given by row and column; undefined where there is none. */
  readonly cosines: readonly (readonly (number | undefined)[])[];
  /** At this cosine the colour is full. */
  readonly reach: number;
}

/** Makes the specification of a grid: colours from apart to together, the number in each cell. */
export function gridSpec({ title, rows, columns, cosines, reach }: CosineGrid): TopLevelSpec {
  const cells = rows.flatMap((row, i) => columns.map((column, j) => ({ row, column, cosine: cosines[i]![j] })));
  const filled = cells.flatMap(({ row, column, cosine }) =>
    cosine === undefined ? [] : [{ row, column, cosine, label: formatCosine(cosine) }],
  );
  const axis = { title: null, domain: false, ticks: false, labelLimit: LABEL, labelPadding: 8 } as const;
  // Printed letters are narrower than reckoned.
  const widest = 0.75 * LETTER * longest(columns) + 12;
  return {
    title: { text: title, offset: 14 },
    data: { values: filled },
    width: { step: Math.max(56, widest) },
    height: { step: 32 },
    encoding: {
      x: {
        field: 'column',
        type: 'nominal',
        scale: { domain: [...columns] },
        axis: { ...axis, orient: 'top', labelAngle: 0 },
      },
      y: { field: 'row', type: 'nominal', scale: { domain: [...rows] }, axis },
    },
    layer: [
      {
        mark: { type: 'rect', cornerRadius: 2 },
        encoding: {
          color: {
            field: 'cosine',
            type: 'quantitative',
            scale: {
              domain: [-reach, 0, reach],
              range: ['#b8481f', '#f2f0ec', '#2460a7'],
              clamp: true,
              interpolate: 'lab',
            },
            legend: null,
          },
        },
      },
      {
        mark: { type: 'text', fontSize: 12 },
        encoding: {
          text: { field: 'label', type: 'nominal' },
          color: { condition: { test: `abs(datum.cosine) > ${0.55 * reach}`, value: '#ffffff' }, value: '#1b1f24' },
        },
      },
    ],
    config: { scale: { bandPaddingInner: 0.06, bandPaddingOuter: 0 } },
  };
}
