import { type HostPass, inPlaces, type Pass } from '../../network/index.ts';

/** Labelled examples of each task in a batch, in the order of the tasks. */
export const labelledIn = (passes: readonly Pass[], batch: readonly HostPass[]): readonly number[] =>
  inPlaces(
    passes,
    batch.flatMap(({ labels }) => labels.map(({ labelled }) => labelled.reduce((count, one) => count + one, 0))),
  );

/** What a step tells of its losses: a task without a label has none. */
export function lossesTold(names: readonly string[], losses: readonly number[], labelled: readonly number[]) {
  const known = names.flatMap((name, k) => (labelled[k]! > 0 ? [[name, losses[k]!] as const] : []));
  return {
    losses: Object.fromEntries(known) as Record<string, number>,
    labelled: Object.fromEntries(names.map((name, k) => [name, labelled[k]!])) as Record<string, number>,
  };
}

/** Warns, once for each task, where a whole pass over its training data has brought no label. */
export class LabelWatch {
  /** By task: examples without a label since a pass began; undefined once one had a label. */
  readonly #without = new Map<string, number | undefined>();
  readonly #told = new Set<string>();

  /** A task's labels (1, or 0 for none) of the examples from `position` on, of which a pass has `count`. */
  see(task: string, labelled: Float32Array, position: number, count: number): void {
    if (!Number.isFinite(count) || this.#told.has(task)) return;
    let without = this.#without.get(task);
    for (const [i, one] of labelled.entries()) {
      if ((position + i) % count === 0) without = 0;
      if (one !== 0) without = undefined;
      if (without === undefined || ++without < count) continue;
      this.#told.add(task);
      process.emitWarning(
        `Task "${task}": none of its ${count} training examples has a label, expected some: nothing is learned for it. Look at its source's targets, the task's \`target\`, and what its head takes for a missing label.`,
        'BanyanWarning',
      );
      return;
    }
    this.#without.set(task, without);
  }
}
