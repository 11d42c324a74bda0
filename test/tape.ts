import type { RandomStream } from '../src/random/index.ts';

/** A uniform number, or a whole number and what it must be below. */
export type Drawn = number | readonly [below: number, value: number];

/** Hands out draws that were recorded, and fails where another kind is asked for, or one too many. */
export class Tape {
  readonly #draws: readonly Drawn[];
  #next = 0;

  constructor(draws: readonly Drawn[]) {
    this.#draws = draws;
  }

  /** All draws were asked for. */
  get over(): boolean {
    return this.#next === this.#draws.length;
  }

  /** The tape in the place of a stream. */
  get stream(): RandomStream {
    return this as unknown as RandomStream;
  }

  uniform(): number {
    const draw = this.#draws[this.#next++];
    if (typeof draw === 'number') return draw;
    throw new Error(`A uniform draw was asked for, and the tape has ${JSON.stringify(draw)} at ${this.#next - 1}.`);
  }

  integer(below: number): number {
    const draw = this.#draws[this.#next++];
    if (typeof draw === 'object' && draw[0] === below) return draw[1];
    throw new Error(
      `A whole number below ${below} was asked for, and the tape has ${JSON.stringify(draw)} at ${this.#next - 1}.`,
    );
  }
}
