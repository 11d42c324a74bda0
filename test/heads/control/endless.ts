import type { Environment, Json } from '../../../src/index.ts';

const LIMIT = 10;

/** Gives a reward of 1 a step, for ever, and is cut after ten steps. With gamma 0.9 it is worth 10. */
export class Endless implements Environment {
  readonly observationShape: number[] = [1];
  readonly actions = ['a', 'b'];
  readonly terminated = false;
  truncated = false;
  #step = 0;

  reset(): void {
    this.#step = 0;
    this.truncated = false;
  }

  step(_action: number): number {
    this.#step++;
    this.truncated = this.#step >= LIMIT;
    return 1;
  }

  observe(into: Float32Array, at = 0): void {
    into[at] = 1;
  }

  state(): Json {
    return [this.#step, this.truncated];
  }

  restore(state: Json): void {
    [this.#step, this.truncated] = state as [number, boolean];
  }
}
