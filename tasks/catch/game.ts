import type { Environment, Json, Picture } from 'banyan-ml';
import type { RandomStream } from 'banyan-ml/plugin';

const ROWS = 8;
const COLUMNS = 5;
const ACTIONS = ['left', 'stay', 'right'] as const;

// Grey, and red, green, blue.
const GROUND = 18;
const BALL = [255, 196, 61];
const PADDLE = [88, 196, 240];

/**
 * A ball falls from a random place of the first row, one row a step, and is to be caught by a paddle of one cell in the last
 * row: 1 if it is, -1 if not, and then it is over. Observation `[8, 5, 2]`: ball, paddle.
 */
export class Catch implements Environment {
  readonly observationShape = [ROWS, COLUMNS, 2];
  readonly actions = ACTIONS;
  readonly truncated = false;
  #row = ROWS - 1;
  #column = 0;
  #paddle = 0;

  get terminated(): boolean {
    return this.#row === ROWS - 1;
  }

  reset(random: RandomStream): void {
    this.#row = 0;
    this.#column = random.integer(COLUMNS);
    this.#paddle = random.integer(COLUMNS);
  }

  step(action: number): number {
    this.#paddle = Math.min(COLUMNS - 1, Math.max(0, this.#paddle + action - 1));
    this.#row++;
    if (!this.terminated) return 0;
    return this.#paddle === this.#column ? 1 : -1;
  }

  observe(into: Float32Array, at = 0): void {
    into.fill(0, at, at + ROWS * COLUMNS * 2);
    into[at + (this.#row * COLUMNS + this.#column) * 2] = 1;
    into[at + ((ROWS - 1) * COLUMNS + this.#paddle) * 2 + 1] = 1;
  }

  draw(): Picture {
    const rgb = new Uint8Array(3 * ROWS * COLUMNS).fill(GROUND);
    rgb.set(PADDLE, 3 * ((ROWS - 1) * COLUMNS + this.#paddle));
    rgb.set(BALL, 3 * (this.#row * COLUMNS + this.#column));
    return { width: COLUMNS, height: ROWS, rgb };
  }

  state(): Json {
    return [this.#row, this.#column, this.#paddle];
  }

  restore(state: Json): void {
    [this.#row, this.#column, this.#paddle] = state as [number, number, number];
  }
}
