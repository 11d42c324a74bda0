/** Warns, once for each task, where a whole pass over its training data has brought no label. */
export class LabelWatch {
  /** By task: examples without a label since a pass began; undefined once one had a label. */
  readonly #without = new Map<string, number | undefined>();
  readonly #warned = new Set<string>();

  /** Sees a task's labels (1, or 0 for none) of the examples from `position` on; a pass has `count` examples. */
  see(task: string, labelled: Float32Array, position: number, count: number): void {
    if (!Number.isFinite(count) || this.#warned.has(task)) return;
    let without = this.#without.get(task);
    for (const [i, present] of labelled.entries()) {
      if ((position + i) % count === 0) without = 0;
      if (present !== 0) without = undefined;
      if (without === undefined || ++without < count) continue;
      this.#warned.add(task);
      process.emitWarning(
        `Task "${task}": none of its ${count} training examples has a label, expected some: nothing is learned for it. Look at its source's targets, the task's \`target\`, and what its head takes for a missing label.`,
        'BanyanWarning',
      );
      return;
    }
    this.#without.set(task, without);
  }
}
