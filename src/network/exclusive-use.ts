/** The exclusive use of a network by what changes it: one at a time. */
export class ExclusiveUse {
  /** What happens to the network, for errors: `trained`. */
  readonly what: string;
  readonly #control = new AbortController();
  readonly #giveBack: (use: ExclusiveUse) => void;
  #before: Promise<void> | undefined;
  #left = false;
  #over = false;
  /** Called when somebody wants to look at the network between two updates, where nothing else gives them their turn. */
  onAwaited: (() => void) | undefined;
  #resolve = () => {};
  /** Resolves when the use is over, however it ended. */
  readonly ended = new Promise<void>((done) => {
    this.#resolve = done;
  });

  constructor(what: string, before: ExclusiveUse | undefined, giveBack: (use: ExclusiveUse) => void) {
    this.what = what;
    this.#giveBack = giveBack;
    this.#before = before?.ended.then(() => {
      this.#before = undefined;
    });
  }

  /** Resolves when the use before this one is over, which was left and still runs: the work begins after it. */
  get before(): Promise<void> | undefined {
    return this.#before;
  }

  /** Is aborted when the work is to end early. */
  get signal(): AbortSignal {
    return this.#control.signal;
  }

  /** Whether nobody listens to it any more: what comes next waits for its end, where it would fail otherwise. */
  get left(): boolean {
    return this.#left;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Asks the work to end. `reason` is what it fails with where it cannot end well. */
  stop(reason?: Error): void {
    this.#control.abort(reason);
  }

  /** Asks the work to end, and listens to it no more. */
  leave(): void {
    this.#left = true;
    this.stop();
  }

  /** Gives the network back. */
  end(): void {
    this.#over = true;
    this.#giveBack(this);
    this.#resolve();
  }
}
