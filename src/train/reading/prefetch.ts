import { clearImmediate, setImmediate } from 'node:timers';
import type { Prepared } from '../../runtime/index.ts';

/** An update that is on the device already, and by which plan it is made. */
export interface PreparedUpdate {
  readonly plan: object;
  readonly prepared: Prepared;
}

/** Prepares each update while the device works on the one before. */
export class Prefetcher {
  readonly #prepare: (step: number) => PreparedUpdate | undefined;
  #next: (PreparedUpdate & { readonly step: number }) | undefined;
  #asked: NodeJS.Immediate | undefined;

  /** `prepare`: the update of that number, if it can be known yet. */
  constructor(prepare: (step: number) => PreparedUpdate | undefined) {
    this.#prepare = prepare;
  }

  /** In a later turn of the event loop, when the device is at work; not if its own turn has come by then. */
  begin(step: number): void {
    this.#asked = setImmediate(() => {
      const update = this.#tried(step);
      if (update !== undefined) this.#next = { step, ...update };
    });
  }

  /** What fails (there may be no memory for two batches) is tried again when its turn comes, and told then. */
  #tried(step: number): PreparedUpdate | undefined {
    try {
      return this.#prepare(step);
    } catch {
      return undefined;
    }
  }

  /** The update of that number by that plan, if it is there: the caller's from now on. */
  take(step: number, plan: object): Prepared | undefined {
    clearImmediate(this.#asked);
    const next = this.#next;
    this.#next = undefined;
    if (next === undefined) return undefined;
    if (next.step === step && next.plan === plan) return next.prepared;
    next.prepared.dispose();
    return undefined;
  }

  close(): void {
    this.take(0, this);
  }
}
