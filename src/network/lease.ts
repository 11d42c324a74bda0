import { BanyanError } from '../error.ts';
import { ExclusiveUse } from './exclusive-use.ts';

/** The weights that a lease is of. */
interface Weights {
  /** @throws BanyanError `argument` where some of them are gone. */
  assertThere(): void;
  free(): void;
}

/**
 * Who works with a network's weights, and when. Several may read at once and keep the weights alive meanwhile (`retain`, `use`),
 * one may change them (`exclusive`), and while one does, others have their turn between two of its updates (`betweenUpdates`).
 */
export class Lease {
  readonly #weights: Weights;
  #disposed = false;
  #users = 0;
  #exclusive: ExclusiveUse | undefined;
  /** Work that waits for the moment between two updates. */
  #between: (() => Promise<void>)[] = [];
  /** Those who wait for the moment in which nothing runs. */
  #waiting: (() => void)[] = [];
  /** The last error that nobody was there to hear. */
  #unheard: { readonly error: unknown } | undefined;

  constructor(weights: Weights) {
    this.#weights = weights;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** @throws BanyanError `argument` for a network that was disposed, or whose weights were. */
  assertLive(): void {
    if (this.#disposed) throw disposedError();
    this.#weights.assertThere();
  }

  /** Ends the lease: what runs is asked to end, and the weights are freed as soon as nobody works with them. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#exclusive?.stop(disposedError());
    if (this.#users === 0) this.#weights.free();
  }

  /** Keeps the weights alive until the returned function is called, for work over several turns of the event loop. */
  retain(): () => void {
    this.assertLive();
    this.#users++;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#release();
    };
  }

  #release(): void {
    this.#users--;
    if (this.#users > 0) return;
    if (this.#disposed) this.#weights.free();
    for (const done of this.#waiting.splice(0)) done();
  }

  /** Does something with the weights and keeps them alive meanwhile; a training that was left ends before. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    const release = this.retain();
    try {
      for (let ending = this.#ending; ending !== undefined; ending = this.#ending) await ending;
      return await work();
    } finally {
      release();
    }
  }

  /** Resolves at the end of a training that was left. */
  get #ending(): Promise<void> | undefined {
    return this.#exclusive?.left ? this.#exclusive.ended : this.#exclusive?.before;
  }

  /**
   * Begins to change the weights, which one at a time may. The work begins after `before`, and whoever does it calls `end`.
   * `what`: what happens to the network, for the error.
   * @throws BanyanError `busy`, unless what runs was left.
   */
  exclusive(what: string): ExclusiveUse {
    const before = this.#exclusive;
    if (before !== undefined && !before.left) {
      throw new BanyanError(
        'busy',
        `This network is being ${before.what}, expected one change at a time. Wait for it to end; to watch one training from several places, share its Observable.`,
      );
    }
    const release = this.retain();
    const use = new ExclusiveUse(what, before, (ending) => {
      if (this.#exclusive === ending) {
        this.#exclusive = undefined;
        void this.turn();
      }
      release();
    });
    this.#exclusive = use;
    return use;
  }

  /** Changes the weights by `work`, as `exclusive` says. */
  async change<T>(what: string, work: () => Promise<T>): Promise<T> {
    const use = this.exclusive(what);
    try {
      await use.before;
      return await work();
    } finally {
      use.end();
    }
  }

  /**
   * Does something with the weights as they are: at once, or, while something changes them, between two updates or after the
   * change. A training waits for it, and ends with the same bits as without it; so it must change nothing.
   */
  async betweenUpdates<T>(work: () => Promise<T>): Promise<T> {
    const release = this.retain();
    try {
      if (this.#exclusive === undefined) return await work();
      return await new Promise<T>((done, fail) => {
        this.#between.push(() => work().then(done, fail));
        this.#exclusive!.onAwaited?.();
      });
    } finally {
      release();
    }
  }

  /** Whether work waits for the moment between two updates: a training then gives it its `turn`. */
  get awaited(): boolean {
    return this.#between.length > 0;
  }

  /** Does the work that waits by now, one after the other. */
  async turn(): Promise<void> {
    for (const work of this.#between.splice(0)) await work();
  }

  /** Resolves when nobody works with the weights. @throws the last error of a training that was left, once. */
  async idle(): Promise<void> {
    while (this.#users > 0) await new Promise<void>((done) => this.#waiting.push(done));
    const unheard = this.#unheard;
    this.#unheard = undefined;
    if (unheard !== undefined) throw unheard.error;
  }

  /** Keeps the error of a training that was left for `idle`; where nobody waits there, it becomes a warning. */
  keepError(error: unknown): void {
    const heard = this.#waiting.length > 0 && this.#unheard === undefined;
    this.#unheard = { error };
    if (heard) return;
    const message = error instanceof Error ? error.message : String(error);
    process.emitWarning(
      `A training that was left has failed: ${message.replace(/\.?$/, '.')} Await network.idle() to hear of it.`,
      'BanyanWarning',
    );
  }
}

const disposedError = () =>
  new BanyanError(
    'argument',
    'This network was disposed and has no weights any more. Expected a live network. Create or load it again.',
  );
