import type { Compiled } from './graph-cache.ts';

/**
 * Milliseconds. A run that took less is made on this thread: the way to another one and back takes some 0.05, and more where others want the
 * processor. In a longer one this thread has time for other work.
 */
const BRIEF = 0.5;
/** For so long the event loop may wait for such runs, one after the other, before it turns: timers, signals and requests wait there too. */
const PATIENCE = 5;

/** Tells of each run whether it is so brief that it is made at once. The same numbers come of it either way. */
export class BriefRuns {
  /** How long the last run of a graph took. */
  readonly #took = new WeakMap<Compiled, number>();
  /** When the first run was made at once since the event loop has turned. */
  #since: number | undefined;

  /** Whether the next run of this graph is made at once. */
  includes(compiled: Compiled): boolean {
    if ((this.#took.get(compiled) ?? Number.POSITIVE_INFINITY) > BRIEF) return false;
    if (this.#since !== undefined) return performance.now() - this.#since < PATIENCE;
    this.#since = performance.now();
    setImmediate(() => {
      this.#since = undefined;
    });
    return true;
  }

  /** Notes how many milliseconds a run took. */
  note(compiled: Compiled, milliseconds: number): void {
    this.#took.set(compiled, milliseconds);
  }
}
