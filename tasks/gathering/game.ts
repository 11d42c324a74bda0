import type { Environment, Json, Picture, SeenObject } from 'banyan-ml';
import { check, count, type RandomStream } from 'banyan-ml/plugin';
import { CELL } from './glyphs.ts';
import { paint, SIDE, CELLS as SIZE } from './scene.ts';

const MIDDLE = (SIZE - 1) / 2;
const OBJECTS = 16;
const COLUMNS = Math.sqrt(OBJECTS);
const ACTIONS = ['up', 'right', 'down', 'left'] as const;
/** Rows and columns that each action moves by. */
const MOVES = [
  [-1, 0],
  [0, 1],
  [1, 0],
  [0, -1],
] as const;
const [NOTHING, CROSS, CIRCLE] = [0, 1, 2];
/** By type: what it is worth to touch it. */
const WORTH = [0, 1, -1];
/** The type of the one that acts. */
const AGENT = 0;

export interface GatheringOptions {
  /** The objects stand on a grid, in the same places each time, or anywhere. Default `random`. */
  readonly layout?: 'grid' | 'random';
  /** Half of the objects are crosses, and the others circles; or all are circles, which are to be avoided. Default `mixed`. */
  readonly kinds?: 'mixed' | 'avoid';
  /** An episode is cut after so many steps. Default 100. */
  readonly steps?: number;
}

/**
 * Gathering: a plus walks over a field of 9 x 9 cells with 16 objects, and touching one takes it away: a cross gives 1, a circle -1. It
 * has the four variants of Garnelo, Arulkumaran and Shanahan 2016, "Towards Deep Symbolic Reinforcement Learning" (one or two kinds of
 * object, on a grid or anywhere); sizes and places are as in the follow-up of d'Avila Garcez, Dutra and Alonso 2018, "Towards Symbolic
 * Reinforcement Learning with Common Sense", whose walls it has not. An episode has no end of its own: it is cut after `steps`.
 *
 * Observation `[54, 54, 1]`: a picture of 0 and 1, 6 x 6 pixels a cell. `objects` lists what is there, first the plus.
 */
export class Gathering implements Environment {
  readonly observationShape = [SIDE, SIDE, 1];
  readonly actions = ACTIONS;
  readonly objectTypes = ['plus', 'cross', 'circle'];
  readonly cell = CELL;
  readonly terminated = false;
  readonly #layout: 'grid' | 'random';
  readonly #kinds: 'mixed' | 'avoid';
  readonly #most: number;
  /** The type of what lies in each cell, in reading order. */
  readonly #cells = new Uint8Array(SIZE * SIZE);
  #row = MIDDLE;
  #column = MIDDLE;
  #steps = 0;

  /** @throws BanyanError `argument` for steps that are no whole number >= 1. */
  constructor({ layout = 'random', kinds = 'mixed', steps = 100 }: GatheringOptions = {}) {
    check('Gathering', { steps }, count);
    this.#layout = layout;
    this.#kinds = kinds;
    this.#most = steps;
  }

  get truncated(): boolean {
    return this.#steps >= this.#most;
  }

  reset(random: RandomStream): void {
    this.#cells.fill(NOTHING);
    [this.#row, this.#column, this.#steps] = [MIDDLE, MIDDLE, 0];
    if (this.#layout === 'grid') this.#placeOnGrid();
    else this.#placeAnywhere(random);
  }

  step(action: number): number {
    const [down, right] = MOVES[action]!;
    this.#row = within(this.#row + down);
    this.#column = within(this.#column + right);
    this.#steps++;
    const cell = this.#row * SIZE + this.#column;
    const reward = WORTH[this.#cells[cell]!]!;
    this.#cells[cell] = NOTHING;
    return reward;
  }

  observe(into: Float32Array, at = 0): void {
    into.fill(0, at, at + SIDE * SIDE);
    for (const { type, row, column } of this.objects()) paint(into, type, row, column, at);
  }

  objects(): readonly SeenObject[] {
    const agent = { type: AGENT, row: this.#row, column: this.#column };
    const others = [...this.#cells].flatMap((type, cell) =>
      type === NOTHING ? [] : [{ type, row: Math.floor(cell / SIZE), column: cell % SIZE }],
    );
    return [agent, ...others];
  }

  draw(): Picture {
    const pixels = new Float32Array(SIDE * SIDE);
    this.observe(pixels);
    const rgb = new Uint8Array(3 * SIDE * SIDE);
    for (const [i, value] of pixels.entries()) rgb.fill(255 * value, 3 * i, 3 * i + 3);
    return { width: SIDE, height: SIDE, rgb };
  }

  state(): Json {
    return { cells: [...this.#cells], row: this.#row, column: this.#column, steps: this.#steps };
  }

  restore(state: Json): void {
    const saved = state as {
      readonly cells: readonly number[];
      readonly row: number;
      readonly column: number;
      readonly steps: number;
    };
    this.#cells.set(saved.cells);
    [this.#row, this.#column, this.#steps] = [saved.row, saved.column, saved.steps];
  }

  /** In a checkerboard, two cells apart. */
  #placeOnGrid(): void {
    for (let k = 0; k < OBJECTS; k++) {
      const [i, j] = [Math.floor(k / COLUMNS), k % COLUMNS];
      const cross = this.#kinds === 'mixed' && (i + j) % 2 === 0;
      const first = MIDDLE - COLUMNS + 1;
      this.#cells[(first + 2 * i) * SIZE + first + 2 * j] = cross ? CROSS : CIRCLE;
    }
  }

  /** In cells that are drawn (Fisher and Yates), but never in the middle. */
  #placeAnywhere(random: RandomStream): void {
    const free = [...this.#cells.keys()].filter((cell) => cell !== MIDDLE * SIZE + MIDDLE);
    for (let k = 0; k < OBJECTS; k++) {
      const j = k + random.integer(free.length - k);
      [free[k], free[j]] = [free[j]!, free[k]!];
      this.#cells[free[k]!] = this.#kinds === 'mixed' && k < OBJECTS / 2 ? CROSS : CIRCLE;
    }
  }
}

const within = (place: number): number => Math.min(SIZE - 1, Math.max(0, place));
