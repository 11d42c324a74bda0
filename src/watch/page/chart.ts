import uPlot from 'uplot';
import type { Point } from '../series.ts';
import { element } from './element.ts';
import { colour, onTheme } from './theme.ts';
import { figure } from './words.ts';

export type Axis = 'step' | 'seconds';

const HEIGHT = 130;
/** The share of the points that a mean takes to each side. */
const REACH = 1 / 40;
/** As many points can be told apart. */
const FEW = 40;

/** Draws one curve with its name and its value: the last one, or the one under the pointer. */
export class Chart {
  readonly element: HTMLElement;
  readonly #name: string;
  readonly #value = element('span');
  readonly #frame = element('div');
  readonly #smooth: boolean;
  #plot: uPlot | undefined;
  #places: number[] = [];
  #values: number[] = [];
  /** The values as they are drawn and told. */
  #line: number[] = [];
  #axis: Axis = 'step';

  /** `smooth` draws the means of neighbouring points, and faint behind them the points. */
  constructor(name: string, smooth: boolean) {
    this.#name = name;
    this.#smooth = smooth;
    this.#frame.setAttribute('role', 'img');
    this.element = element(
      'figure',
      { className: 'chart' },
      element('figcaption', {}, element('span', { textContent: name }), this.#value),
      this.#frame,
    );
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(this.#frame);
    onTheme(() => this.#draw());
  }

  /** Draws the values of `key` among the points. */
  update(points: readonly Point[], key: string, axis: Axis): void {
    const measured = points.filter(({ values }) => values[key] !== undefined);
    this.#places = measured.map((point) => point[axis]);
    this.#values = measured.map(({ values }) => values[key]!);
    this.#line = this.#smooth ? smoothed(this.#values) : this.#values;
    const changed = this.#axis !== axis || this.#plot === undefined;
    this.#axis = axis;
    if (changed) this.#draw();
    else this.#plot!.setData(this.#data());
    this.#tell(null);
  }

  #data(): uPlot.AlignedData {
    return [this.#places, this.#smooth ? this.#values : this.#values.map(() => null), this.#line];
  }

  #size() {
    return { width: Math.max(120, this.#frame.clientWidth), height: HEIGHT };
  }

  #draw(): void {
    if (!this.#frame.isConnected) return;
    this.#plot?.destroy();
    const [ink, line, accent] = [colour('faint'), colour('line'), colour('accent')];
    const axis: uPlot.Axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: FONT };
    const few = !this.#smooth && this.#places.length <= FEW;
    const options: uPlot.Options = {
      ...this.#size(),
      padding: [8, 14, 0, 0],
      scales: { x: { time: false } },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
      legend: { show: false },
      axes: [
        { ...axis, size: 24, space: 60, grid: { show: false }, values: (_, ticks) => ticks.map(short) },
        { ...axis, size: (_, labels) => labelWidth(labels), space: 28, values: (_, ticks) => ticks.map(figure) },
      ],
      series: [
        {},
        { stroke: faint(accent), width: 1, points: { show: false } },
        { stroke: accent, width: 2, points: { show: few, size: 5, fill: accent } },
      ],
      hooks: { setCursor: [({ cursor }) => this.#tell(cursor.idx ?? null)] },
    };
    this.#plot = new uPlot(options, this.#data(), this.#frame);
  }

  /** Writes the value at a place, else the last. */
  #tell(index: number | null): void {
    const at = index ?? this.#line.length - 1;
    const value = this.#line[at];
    if (value === undefined) return;
    const place = this.#axis === 'step' ? `step ${short(this.#places[at]!)}` : `${short(this.#places[at]!)} s`;
    this.#value.textContent = index === null ? figure(value) : `${figure(value)} at ${place}`;
    if (index === null) this.#frame.setAttribute('aria-label', `Curve of ${this.#name}, ${figure(value)} at ${place}`);
  }
}

const FONT = '12px system-ui, sans-serif';
/** Pixels: what a letter of this font takes at most, and what stands between labels and curve. */
const [LETTER, GAP, LEAST] = [7.5, 14, 44];

/** Says how wide the axis must be for its longest label. */
const labelWidth = (labels: readonly string[] | null): number =>
  Math.max(LEAST, ...(labels ?? []).map((label) => Math.ceil(GAP + LETTER * label.length)));

const short = (value: number): string =>
  new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(value);

const faint = (color: string): string => color.replace(/rgba?\(([^)]+)\)/, 'rgba($1, 0.3)');

/** Each value replaced by the mean of those around it. */
function smoothed(values: readonly number[]): number[] {
  const reach = Math.round(REACH * values.length);
  const sums = [0];
  for (const value of values) sums.push(sums.at(-1)! + value);
  return values.map((_, i) => {
    const [from, to] = [Math.max(0, i - reach), Math.min(values.length, i + reach + 1)];
    return (sums[to]! - sums[from]!) / (to - from);
  });
}
