import { showClasses, showNote } from './answers.ts';
import type { Classification, ExportedNetwork } from './network.ts';

/** The card that says what a sentence wants. */
export function sentenceCard(
  card: HTMLElement,
  network: ExportedNetwork,
  task: string,
  names: readonly string[],
  examples: readonly string[],
): void {
  const list = card.querySelector('.answers')!;
  const form = card.querySelector('form')!;
  const field = form.querySelector<HTMLInputElement>('input')!;
  card.querySelector('.task')!.textContent = `What does this sentence want? One of ${names.length} things.`;
  const brief = examples.toSorted((a, b) => a.length - b.length).slice(0, 4);
  field.placeholder = brief[0] ?? 'A sentence';
  showNote(list, 'Type a sentence, and press Enter.');

  const ask = async () => {
    const { prediction } = await network.ask<Classification>(task, field.value || field.placeholder);
    showClasses(list, prediction, names);
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void ask();
  });
  card.querySelector('.examples')!.append(
    ...brief.map((sentence) => {
      const button = Object.assign(document.createElement('button'), { type: 'button', textContent: sentence });
      button.addEventListener('click', () => {
        field.value = sentence;
        void ask();
      });
      return button;
    }),
  );
}
