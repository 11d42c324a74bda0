import type { TrainingLog } from '../training-log.ts';
import type { Axis } from './chart.ts';
import { Charts } from './charts.ts';
import { element } from './element.ts';

/** Shows the losses of blocks' own, which belong to no task. It stands on the page as soon as there are any. */
export class BlocksPanel {
  readonly #charts = new Charts();
  readonly #element = element(
    'section',
    { className: 'task alone' },
    element(
      'div',
      { className: 'top' },
      element('h2', { textContent: 'Blocks', id: 'blocks' }),
      element('p', { className: 'note', textContent: 'what they add to the losses of the tasks' }),
    ),
    this.#charts.element,
  );

  constructor() {
    this.#element.setAttribute('aria-labelledby', 'blocks');
  }

  /** @param place where it is put, after what is there. */
  update(log: TrainingLog, axis: Axis, place: HTMLElement): void {
    const { points } = log.auxiliary;
    if (points.length === 0) return;
    if (!this.#element.isConnected) place.append(this.#element);
    this.#charts.chart('auxiliary loss', true).update(points, 'auxiliary', axis);
  }
}
