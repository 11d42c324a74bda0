import type { Environment, Json, Picture } from 'banyan-ml';
import type { RandomStream } from 'banyan-ml/plugin';

const SIZE = 10;
const LAST = SIZE - 1;
/** A row of cells is the low bits of a number: bit c is column c. */
const ROW = 2 ** SIZE - 1;
/** Aliens in columns 2 to 7 of rows 0 to 3. */
const FLEET = 0b0011111100;
const FLEET_ROWS = 4;
const START = 5;
const SHOT_INTERVAL = 5;
const ALIEN_SHOT_INTERVAL = 10;
const MOVE_INTERVAL = 12;
const FASTEST = 6;
const CHANNELS = 6;
const CELLS = SIZE * SIZE;

const ACTIONS = ['none', 'left', 'up', 'right', 'down', 'fire'] as const;
const [LEFT, RIGHT, FIRE] = [1, 3, 5];

// Grey, and red, green, blue.
const GROUND = 14;
const CANNON = [94, 226, 120];
const ALIENS_TO_LEFT = [190, 132, 255];
const ALIENS_TO_RIGHT = [255, 140, 200];
const OWN_BULLET = [255, 240, 150];
const ENEMY_BULLET = [255, 84, 72];

export interface SpaceInvadersOptions {
  /** Probability that the action before is executed again. Default 0.1. */
  readonly sticky?: number;
  /** It says whether each new fleet moves faster than the one before, down to 6 steps a move. Default true. */
  readonly ramping?: boolean;
}

/**
 * Space Invaders on a 10 x 10 grid, by the rules of the MinAtar benchmark (Young and Tian 2019, "MinAtar: An Atari-Inspired
 * Testbed for Thorough and Reproducible Reinforcement Learning Experiments"). A step: shoot or move; bullets fly; the fleet
 * moves in its rhythm, sideways and at an edge down; an alien of the nearest column shoots in its own; a reward of 1 for each
 * alien hit; a cleared fleet is followed by a new one. It is over when an enemy's bullet or an alien is where the cannon is, or
 * the fleet would go below the last row. It has no other end.
 *
 * Observation `[10, 10, 6]` of 0 and 1: cannon, alien, alien of a fleet that moves left, of one that moves right, own bullet,
 * enemy bullet.
 */
export class SpaceInvaders implements Environment {
  readonly observationShape = [SIZE, SIZE, CHANNELS];
  readonly actions = ACTIONS;
  readonly truncated = false;
  readonly #sticky: number;
  readonly #ramping: boolean;
  readonly #aliens = new Int32Array(SIZE);
  readonly #own = new Int32Array(SIZE);
  readonly #enemy = new Int32Array(SIZE);
  /** So many aliens are there. */
  #count = 0;
  #terminated = true;
  #cannon = START;
  #direction = -1;
  #interval = MOVE_INTERVAL;
  #moveTimer = MOVE_INTERVAL;
  #alienShotTimer = ALIEN_SHOT_INTERVAL;
  #shotTimer = 0;
  /** The action that was executed last. */
  #last = 0;

  constructor({ sticky = 0.1, ramping = true }: SpaceInvadersOptions = {}) {
    this.#sticky = sticky;
    this.#ramping = ramping;
  }

  get terminated(): boolean {
    return this.#terminated;
  }

  reset(): void {
    this.#newFleet();
    this.#own.fill(0);
    this.#enemy.fill(0);
    this.#terminated = false;
    this.#cannon = START;
    this.#direction = -1;
    this.#interval = MOVE_INTERVAL;
    this.#moveTimer = MOVE_INTERVAL;
    this.#alienShotTimer = ALIEN_SHOT_INTERVAL;
    this.#shotTimer = 0;
    this.#last = 0;
  }

  step(action: number, random: RandomStream): number {
    if (this.#sticky === 0 || random.uniform() >= this.#sticky) this.#last = action;
    this.#act(this.#last);
    const cannon = 1 << this.#cannon;
    this.#flyBullets();
    if (((this.#enemy[LAST]! | this.#aliens[LAST]!) & cannon) !== 0) this.#terminated = true;
    if (this.#moveTimer === 0) this.#moveFleet();
    if (this.#alienShotTimer === 0) this.#shootBack();
    const reward = this.#hits();
    if (this.#shotTimer > 0) this.#shotTimer--;
    this.#moveTimer--;
    this.#alienShotTimer--;
    if (this.#count === 0) {
      if (this.#ramping && this.#interval > FASTEST) this.#interval--;
      this.#newFleet();
    }
    return reward;
  }

  observe(into: Float32Array, at = 0): void {
    into.fill(0, at, at + CELLS * CHANNELS);
    into[at + (LAST * SIZE + this.#cannon) * CHANNELS] = 1;
    this.#mark(this.#aliens, 1, into, at);
    this.#mark(this.#aliens, this.#direction < 0 ? 2 : 3, into, at);
    this.#mark(this.#own, 4, into, at);
    this.#mark(this.#enemy, 5, into, at);
  }

  draw(): Picture {
    const rgb = new Uint8Array(3 * CELLS).fill(GROUND);
    const paint = (row: number, column: number, colour: readonly number[]) =>
      rgb.set(colour, 3 * (row * SIZE + column));
    const paintAll = (rows: Int32Array, colour: readonly number[]) => {
      for (const [row, cells] of rows.entries()) for (const column of columnsOf(cells)) paint(row, column, colour);
    };
    paintAll(this.#aliens, this.#direction < 0 ? ALIENS_TO_LEFT : ALIENS_TO_RIGHT);
    paint(LAST, this.#cannon, CANNON);
    paintAll(this.#own, OWN_BULLET);
    paintAll(this.#enemy, ENEMY_BULLET);
    return { width: SIZE, height: SIZE, rgb };
  }

  state(): Json {
    return {
      aliens: [...this.#aliens],
      own: [...this.#own],
      enemy: [...this.#enemy],
      terminated: this.#terminated,
      cannon: this.#cannon,
      direction: this.#direction,
      interval: this.#interval,
      timers: [this.#moveTimer, this.#alienShotTimer, this.#shotTimer],
      last: this.#last,
    };
  }

  restore(state: Json): void {
    const saved = state as {
      readonly aliens: readonly number[];
      readonly own: readonly number[];
      readonly enemy: readonly number[];
      readonly terminated: boolean;
      readonly cannon: number;
      readonly direction: number;
      readonly interval: number;
      readonly timers: readonly [number, number, number];
      readonly last: number;
    };
    this.#aliens.set(saved.aliens);
    this.#own.set(saved.own);
    this.#enemy.set(saved.enemy);
    this.#count = saved.aliens.reduce((sum, row) => sum + bitsOf(row), 0);
    this.#terminated = saved.terminated;
    this.#cannon = saved.cannon;
    this.#direction = saved.direction;
    this.#interval = saved.interval;
    [this.#moveTimer, this.#alienShotTimer, this.#shotTimer] = saved.timers;
    this.#last = saved.last;
  }

  #newFleet(): void {
    this.#aliens.fill(0).fill(FLEET, 0, FLEET_ROWS);
    this.#count = FLEET_ROWS * bitsOf(FLEET);
  }

  #act(action: number): void {
    if (action === FIRE) {
      if (this.#shotTimer > 0) return;
      this.#own[LAST]! |= 1 << this.#cannon;
      this.#shotTimer = SHOT_INTERVAL;
    } else if (action === LEFT) {
      if (this.#cannon > 0) this.#cannon--;
    } else if (action === RIGHT) {
      if (this.#cannon < LAST) this.#cannon++;
    }
  }

  #flyBullets(): void {
    this.#own.copyWithin(0, 1);
    this.#own[LAST] = 0;
    this.#enemy.copyWithin(1, 0);
    this.#enemy[0] = 0;
  }

  #moveFleet(): void {
    this.#moveTimer = Math.min(this.#count, this.#interval);
    const aliens = this.#aliens;
    const edge = this.#direction < 0 ? 1 : 1 << LAST;
    if (aliens.some((row) => (row & edge) !== 0)) {
      this.#direction = -this.#direction;
      if (aliens[LAST] !== 0) this.#terminated = true;
      // What is below the last row comes in above: the episode is over, and its last picture is that of the benchmark.
      const lowest = aliens[LAST]!;
      aliens.copyWithin(1, 0);
      aliens[0] = lowest;
    } else {
      for (let row = 0; row < SIZE; row++) {
        aliens[row] = this.#direction < 0 ? aliens[row]! >> 1 : (aliens[row]! << 1) & ROW;
      }
    }
    if ((aliens[LAST]! & (1 << this.#cannon)) !== 0) this.#terminated = true;
  }

  /** The lowest alien of the column nearest to the cannon, on a tie the left one. */
  #shootBack(): void {
    this.#alienShotTimer = ALIEN_SHOT_INTERVAL;
    let all = 0;
    for (const row of this.#aliens) all |= row;
    for (let distance = 0; distance < SIZE; distance++) {
      for (const column of [this.#cannon - distance, this.#cannon + distance]) {
        if (column < 0 || column > LAST || (all & (1 << column)) === 0) continue;
        const row = this.#aliens.findLastIndex((cells) => (cells & (1 << column)) !== 0);
        this.#enemy[row]! |= 1 << column;
        return;
      }
    }
  }

  /** Takes away each alien that an own bullet meets, and the bullet. */
  #hits(): number {
    let hits = 0;
    for (let row = 0; row < SIZE; row++) {
      const hit = this.#aliens[row]! & this.#own[row]!;
      if (hit === 0) continue;
      hits += bitsOf(hit);
      this.#aliens[row]! &= ~hit;
      this.#own[row]! &= ~hit;
    }
    this.#count -= hits;
    return hits;
  }

  #mark(rows: Int32Array, channel: number, into: Float32Array, at: number): void {
    for (let row = 0; row < SIZE; row++) {
      for (let rest = rows[row]!; rest !== 0; rest &= rest - 1) {
        const column = 31 - Math.clz32(rest & -rest);
        into[at + (row * SIZE + column) * CHANNELS + channel] = 1;
      }
    }
  }
}

const columnsOf = (row: number): readonly number[] =>
  Array.from({ length: SIZE }, (_, column) => column).filter((column) => (row & (1 << column)) !== 0);

function bitsOf(row: number): number {
  let bits = 0;
  for (let rest = row; rest !== 0; rest &= rest - 1) bits++;
  return bits;
}
