import { clearImmediate, setImmediate } from 'node:timers';
import type { Prepared } from '../../runtime/index.ts';

/** Prepares each update while the device works on the one before. */
export class Prefetcher {
  readonly #prepare: (step: number) => Prepared | undefined;
  #next: { readonly step: number; readonly prepared: Prepared } | undefined;
  #asked: NodeJS.Immediate | undefined;

  /** `prepare`: the update of that number, if it can be known yet. */
  constructor(prepare: (step: number) => Prepared | undefined) {
    this.#prepare = prepare;
  }

  /** In a later turn of the event loop, when the device is at work; not if its own turn has come by then. */
  begin(step: number): void {
    this.#asked = setImmediate(() => {
      const prepared = this.#tried(step);
      if (prepared !== undefined) this.#next = { step, prepared };
    });
  }

  /** What fails (there may be no memory for two batches) is tried again when its turn comes, and told then. */
  #tried(step: number): Prepared | undefined {
    try {
      return this.#prepare(step);
    } catch {
      return undefined;
    }
  }

  /** The update of that number, if it is there: the caller's from now on. */
  take(step: number): Prepared | undefined {
    clearImmediate(this.#asked);
    const next = this.#next;
    this.#next = undefined;
    if (next === undefined || next.step === step) return next?.prepared;
    next.prepared.dispose();
    return undefined;
  }

  close(): void {
    this.take(0);
  }
}
