/** Things to do with a network while nothing changes it, waiting for their turn. */
export class Asides {
  #waiting: (() => Promise<void>)[] = [];

  get waiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Resolves, or fails, as the work does once its turn has come. */
  add<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((done, fail) => {
      this.#waiting.push(() => work().then(done, fail));
    });
  }

  /** Does what waits by now, one after the other. */
  async turn(): Promise<void> {
    for (const work of this.#waiting.splice(0)) await work();
  }
}
