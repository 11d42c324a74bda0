import type { WireRoutes } from '../wire.ts';
import { element } from './element.ts';
import { count } from './words.ts';

/** The deepest colour of a field, in per cent: a figure on it can still be read. */
const DEEPEST = 70;

/** Shows where the tokens of tasks go: for each block a map of tasks and parts. It stands on the page as soon as there are such blocks. */
export class RoutesPanel {
  readonly #note = element('p', { className: 'note' });
  readonly #maps = element('div', { className: 'maps' });
  readonly #element = element(
    'section',
    { className: 'task alone' },
    element('div', { className: 'top' }, element('h2', { textContent: 'Experts', id: 'routes' }), this.#note),
    this.#maps,
  );

  constructor() {
    this.#element.setAttribute('aria-labelledby', 'routes');
  }

  /** @param place where it is put, after what is there. */
  update({ step, blocks }: WireRoutes, place: HTMLElement): void {
    this.#note.textContent = `how many of 100 tokens of a task each expert gets, on held-out examples, after step ${count(step)}`;
    this.#maps.replaceChildren(...blocks.map(({ block, shares }) => mapOf(block, Object.entries(shares))));
    if (!this.#element.isConnected) place.append(this.#element);
  }
}

type Row = readonly [task: string, shares: readonly number[]];

function mapOf(block: string, rows: readonly Row[]): HTMLElement {
  const parts = rows[0]![1].length;
  const largest = Math.max(...rows.flatMap(([, shares]) => shares));
  const number = (i: number) => element('th', { textContent: String(i + 1), scope: 'col' });
  const heads = element('tr', {}, element('td'), ...Array.from({ length: parts }, (_, i) => number(i)));
  const lines = rows.map(([task, shares]) =>
    element(
      'tr',
      {},
      element('th', { textContent: task, scope: 'row' }),
      ...shares.map((share) => field(share, largest)),
    ),
  );
  const evenly = Math.round(100 / parts);
  const caption = element('caption', { textContent: `${block} (${evenly} each, were they used alike)` });
  return element(
    'div',
    { className: 'map' },
    element('table', {}, caption, element('thead', {}, heads), element('tbody', {}, ...lines)),
  );
}

/** A field of the map: the deeper its colour, the more go there. */
function field(share: number, largest: number): HTMLElement {
  const created = element('td', { textContent: String(Math.round(100 * share)) });
  created.style.setProperty('--share', `${((DEEPEST * share) / largest).toFixed(1)}%`);
  return created;
}
