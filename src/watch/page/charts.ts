import type { Point } from '../series.ts';
import { Chart } from './chart.ts';
import { element } from './element.ts';

/** Shows charts beside each other, each by its name. */
export class Charts {
  readonly element = element('div', { className: 'charts' });
  readonly #byName = new Map<string, Chart>();

  /** Gives the chart of this name, which is made when it is first asked for. */
  chart(name: string, smooth: boolean): Chart {
    const existing = this.#byName.get(name);
    if (existing !== undefined) return existing;
    const chart = new Chart(name, smooth);
    this.#byName.set(name, chart);
    this.element.append(chart.element);
    return chart;
  }
}

export const keysOf = (points: readonly Point[]): ReadonlySet<string> =>
  new Set(points.flatMap(({ values }) => Object.keys(values)));
