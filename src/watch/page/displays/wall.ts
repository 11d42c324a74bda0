import type { WireGallery } from '../../wire.ts';
import { element } from '../element.ts';
import { count } from '../words.ts';
import { displayView } from './display.ts';
import type { View } from './view.ts';

/** Milliseconds between two looks at whether someone is busy. */
const RETRY = 500;

/** Holds the displays of a task. New ones wait while someone is busy with the old. */
export class Wall {
  readonly element = element('div', { className: 'displays' });
  readonly note = element('p', { className: 'note' });
  #views: readonly View[] = [];
  #next: WireGallery | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  hang(gallery: WireGallery): void {
    this.#next = gallery;
    this.#hangNext();
  }

  #hangNext(): void {
    clearTimeout(this.#timer);
    if (this.#next === undefined) return;
    if (this.#views.some(({ busy }) => busy)) {
      this.#timer = setTimeout(() => this.#hangNext(), RETRY);
      return;
    }
    const { shown, problem, step } = this.#next;
    this.#next = undefined;
    for (const view of this.#views) view.close?.();
    this.#views = shown.map(displayView);
    this.element.replaceChildren(...this.#views.map((view) => view.element));
    if (problem !== undefined) {
      this.element.append(element('p', { className: 'problem', textContent: `Cannot be shown: ${problem}` }));
    }
    const what = shown.some(({ words }) => words !== undefined) ? 'played' : 'held-out examples';
    this.note.textContent = shown.length === 0 ? '' : `${what}, after step ${count(step)}`;
  }
}
