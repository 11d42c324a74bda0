/** The right of one thing at a time to change a network. */
export class Claim {
  /** What the network is being, for errors: `trained`. */
  readonly what: string;
  readonly #release: () => void;
  readonly #control = new AbortController();
  #before: Promise<void> | undefined;
  #left = false;
  #over = false;
  #resolve = () => {};
  /** Resolves when the work is over, however it ended. */
  readonly ended = new Promise<void>((done) => {
    this.#resolve = done;
  });

  constructor(what: string, before: Claim | undefined, release: () => void) {
    this.what = what;
    this.#release = release;
    this.#before = before?.ended.then(() => {
      this.#before = undefined;
    });
  }

  /** The end of what was left before and still runs: the work begins after it. */
  get before(): Promise<void> | undefined {
    return this.#before;
  }

  /** Aborted when the work is to end early. */
  get signal(): AbortSignal {
    return this.#control.signal;
  }

  /** Whether nobody listens any more: what comes next waits for the end of the work in place of failing. */
  get left(): boolean {
    return this.#left;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Asks the work to end; `reason` is told where it cannot end well. */
  stop(reason?: Error): void {
    this.#control.abort(reason);
  }

  /** Asks the work to end, and listens no more. */
  leave(): void {
    this.#left = true;
    this.stop();
  }

  /** Gives the network back. */
  end(): void {
    this.#over = true;
    this.#release();
    this.#resolve();
  }
}
