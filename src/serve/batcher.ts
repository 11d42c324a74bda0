/** When examples that wait become a batch. */
export interface BatchOptions {
  /** Milliseconds that the first example of a batch waits for others; while another batch is computed they wait anyway. */
  readonly window: number;
  /** The most examples of a batch. */
  readonly most: number;
}

interface Waiting<Example, Result> {
  readonly example: Example;
  readonly since: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Puts examples that come one by one into batches, one of which is computed at a time (dynamic batching: Crankshaw et al. 2017, "Clipper",
 * section 4.3). Only examples of the same key share a batch; the key whose first example has waited for longest comes next.
 */
export class Batcher<Example, Result> {
  readonly #compute: (key: string, examples: readonly Example[]) => Promise<readonly Result[]>;
  readonly #options: BatchOptions;
  readonly #queues = new Map<string, Waiting<Example, Result>[]>();
  #computing = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    compute: (key: string, examples: readonly Example[]) => Promise<readonly Result[]>,
    options: BatchOptions,
  ) {
    this.#compute = compute;
    this.#options = options;
  }

  /** How many examples wait for a batch. */
  get waiting(): number {
    return [...this.#queues.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** Gives the results of examples, which may be computed in several batches, in their order. */
  async submit(key: string, examples: readonly Example[]): Promise<Result[]> {
    if (examples.length === 0) return [];
    const queue = this.#queues.get(key) ?? [];
    this.#queues.set(key, queue);
    const since = performance.now();
    const results = examples.map(
      (example) => new Promise<Result>((resolve, reject) => queue.push({ example, since, resolve, reject })),
    );
    this.#begin();
    return Promise.all(results);
  }

  #begin(): void {
    if (this.#computing) return;
    const batch = this.#nextBatch();
    if (batch === undefined) return;
    this.#computing = true;
    void this.#answer(...batch).finally(() => {
      this.#computing = false;
      this.#begin();
    });
  }

  /** Takes the next batch out of its queue; undefined where none is due, and then it looks again as soon as one is. */
  #nextBatch(): readonly [key: string, batch: readonly Waiting<Example, Result>[]] | undefined {
    const { window, most } = this.#options;
    clearTimeout(this.#timer);
    const queues = [...this.#queues].sort(([, a], [, b]) => a[0]!.since - b[0]!.since);
    const now = performance.now();
    const next = queues.find(([, queue]) => queue.length >= most || now - queue[0]!.since >= window);
    if (next === undefined) {
      const [oldest] = queues;
      if (oldest !== undefined) this.#timer = setTimeout(() => this.#begin(), oldest[1][0]!.since + window - now);
      return undefined;
    }
    const [key, queue] = next;
    const batch = queue.splice(0, most);
    if (queue.length === 0) this.#queues.delete(key);
    return [key, batch];
  }

  async #answer(key: string, batch: readonly Waiting<Example, Result>[]): Promise<void> {
    try {
      const results = await this.#compute(
        key,
        batch.map(({ example }) => example),
      );
      for (const [i, { resolve }] of batch.entries()) resolve(results[i]!);
    } catch (error) {
      if (batch.length === 1) return batch[0]!.reject(error);
      // One of them may have spoilt it for the others.
      for (const single of batch) await this.#answer(key, [single]);
    }
  }
}
