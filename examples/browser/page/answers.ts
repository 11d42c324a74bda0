import type { Classification } from './network.ts';

/** A name with its share of the certainty. */
export interface Choice {
  readonly name: string;
  readonly probability: number;
  readonly chosen?: boolean;
}

/** Shows choices as bars, in their order. */
export function showChoices(list: Element, choices: readonly Choice[]): void {
  list.replaceChildren(
    ...choices.map(({ name, probability, chosen = false }) => {
      const item = document.createElement('li');
      item.classList.toggle('chosen', chosen);
      const [title, share, bar] = [
        document.createElement('span'),
        document.createElement('output'),
        document.createElement('meter'),
      ];
      title.textContent = name;
      share.textContent = `${Math.round(100 * probability)} %`;
      bar.value = probability;
      item.append(title, share, bar);
      return item;
    }),
  );
}

/** Shows the likeliest classes. */
export function showClasses(list: Element, { probabilities }: Classification, names: readonly string[]): void {
  const order = Array.from(probabilities, (probability, i) => ({ name: spoken(names[i]!), probability }));
  showChoices(list, order.sort((a, b) => b.probability - a.probability).slice(0, 4));
}

/** A name as one says it. */
export const spoken = (name: string): string => name.replaceAll('_', ' ');

/** Says in the place of answers what is wrong, or what to do. */
export function showNote(list: Element, text: string): void {
  const item = document.createElement('li');
  item.textContent = text;
  list.replaceChildren(item);
}

/** Hands files that are dropped on a card, or opened by its button, to `take`. */
export function onFile(card: HTMLElement, take: (file: File) => void): void {
  const input = card.querySelector<HTMLInputElement>('input[type=file]')!;
  input.addEventListener('change', () => {
    if (input.files?.[0] !== undefined) take(input.files[0]);
    input.value = '';
  });
  card.addEventListener('dragover', (event) => {
    event.preventDefault();
    card.classList.add('over');
  });
  card.addEventListener('dragleave', () => card.classList.remove('over'));
  card.addEventListener('drop', (event) => {
    event.preventDefault();
    card.classList.remove('over');
    const file = event.dataTransfer?.files[0];
    if (file !== undefined) take(file);
  });
}
