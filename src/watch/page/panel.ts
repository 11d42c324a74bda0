import type { Note } from '../notes.ts';
import { AVERAGED, type TrainingLog } from '../training-log.ts';
import type { WireGallery } from '../wire.ts';
import type { Axis } from './chart.ts';
import { Charts, keysOf } from './charts.ts';
import { Wall } from './displays/wall.ts';
import { element } from './element.ts';

/** Shows one task: its curves, and its displays. */
export class Panel {
  readonly element: HTMLElement;
  readonly #task: string;
  readonly #part = element('p', { className: 'note' });
  readonly #charts = new Charts();
  readonly #wall = new Wall();
  readonly #notes = element('ul', { className: 'notes', hidden: true });

  constructor(task: string) {
    this.#task = task;
    const heading = element('h2', { textContent: task, id: `task-${task}` });
    this.element = element(
      'section',
      { className: 'task alone' },
      element('div', { className: 'top' }, heading, this.#part, this.#wall.note),
      this.#notes,
      this.#charts.element,
    );
    this.element.setAttribute('aria-labelledby', heading.id);
  }

  update(log: TrainingLog, axis: Axis): void {
    const { losses, metrics, missed, step, first } = log;
    const task = this.#task;
    this.#note(log.notes.filter((note) => note.task === task));
    // Of most trainings there is nothing to tell: all tasks take part in each step.
    if (missed[task] !== undefined)
      this.#part.textContent = `took part in ${step - first - missed[task]} of ${step - first} steps`;
    if (keysOf(losses.points).has(task)) this.#charts.chart('training loss', true).update(losses.points, task, axis);
    const prefix = `${task}/`;
    for (const key of keysOf(metrics.points)) {
      if (!key.startsWith(prefix)) continue;
      const name = key.slice(prefix.length);
      // On held-out examples, in contrast to the training's.
      const title = name === 'loss' || name === `loss${AVERAGED}` ? `validation ${name}` : name;
      this.#charts.chart(title, false).update(metrics.points, key, axis);
    }
  }

  #note(notes: readonly Note[]): void {
    if (this.#notes.childElementCount === notes.length) return;
    this.#notes.replaceChildren(
      ...notes.map(({ kind, text }) => element('li', { className: kind, textContent: text })),
    );
    this.#notes.hidden = notes.length === 0;
  }

  hang(gallery: WireGallery): void {
    if (gallery.shown.length > 0 || gallery.problem !== undefined) {
      this.element.classList.remove('alone');
      if (!this.#wall.element.isConnected) this.element.append(this.#wall.element);
    }
    this.#wall.hang(gallery);
  }
}
