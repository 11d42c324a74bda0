import type { SeenObject } from 'banyan-ml';

export interface TrackingOptions {
  /**
   * What counts for an object being the same: its distance, its type, its number of neighbours. Default 1, 2, 1: with more for
   * the distance an object that the agent steps onto is taken for the agent.
   */
  readonly weights?: readonly [distance: number, type: number, neighbours: number];
  /** Two are the same only if that is likelier than this. Default 0.5. */
  readonly least?: number;
  /** Neighbours are at most so many rows and columns away. */
  readonly near: number;
}

/** A frame's tracks say what became of the objects of the frame before. */
export interface Tracks {
  /** Places in the list before and in the list now. */
  readonly pairs: readonly (readonly [before: number, now: number])[];
  readonly vanished: readonly number[];
  readonly appeared: readonly number[];
}

/** How likely an object of a frame is one of the next. */
export interface LikelyPair {
  /** Places in the list before and in the list now. */
  readonly before: number;
  readonly now: number;
  readonly likelihood: number;
}

/** In the matrix of transitions it stands for what is there no more. */
const GONE = -1;

/**
 * Follows objects from frame to frame (Garnelo, Arulkumaran and Shanahan 2016, section 3.2): how likely two are the same is a weighted mean
 * of how near they are, of how often their types followed each other so far, and of how alike their numbers of neighbours are. What
 * stays as it is is the same; of the others the likeliest pairs are, one after the other.
 */
export class Tracker {
  readonly #weights: readonly [number, number, number];
  readonly #least: number;
  readonly #near: number;
  /** How often a type was followed by each. */
  readonly #transitions = new Map<number, Map<number, number>>();

  constructor({ weights = [1, 2, 1], least = 0.5, near }: TrackingOptions) {
    this.#weights = weights;
    this.#least = least;
    this.#near = near;
  }

  /** Says how often a type was followed by each, -1 where it vanished; each begins with one that follows itself. */
  transitions(type: number): ReadonlyMap<number, number> {
    return this.#row(type);
  }

  /** Gives how likely each object is each object of the next frame, by what was seen so far. */
  likelihoods(before: readonly SeenObject[], now: readonly SeenObject[]): readonly LikelyPair[] {
    const [w1, w2, w3] = this.#weights;
    const [earlier, later] = [this.neighbours(before), this.neighbours(now)];
    return before.flatMap((a, i) =>
      now.map((b, j) => {
        const distance = Math.hypot(a.row - b.row, a.column - b.column);
        const alike = 1 / (1 + Math.abs(earlier[i]! - later[j]!));
        const sum = w1 / (1 + distance) + w2 * this.#share(a.type, b.type) + w3 * alike;
        return { before: i, now: j, likelihood: sum / (w1 + w2 + w3) };
      }),
    );
  }

  /** Counts the neighbours of each object. */
  neighbours(objects: readonly SeenObject[]): readonly number[] {
    const near = (a: SeenObject, b: SeenObject) =>
      Math.abs(a.row - b.row) <= this.#near && Math.abs(a.column - b.column) <= this.#near;
    return objects.map((a) => objects.filter((b) => a !== b && near(a, b)).length);
  }

  /** Finds the objects of one frame in the next, and counts what types became. */
  follow(before: readonly SeenObject[], now: readonly SeenObject[]): Tracks {
    const pairs: (readonly [number, number])[] = [];
    const [earlier, later] = [new Set(before.keys()), new Set(now.keys())];
    const pair = (i: number, j: number) => {
      pairs.push([i, j]);
      earlier.delete(i);
      later.delete(j);
    };
    for (const [i, object] of before.entries()) {
      const same = [...later].find((j) => isSame(object, now[j]!));
      if (same !== undefined) pair(i, same);
    }
    const likely = this.likelihoods(before, now)
      .filter(({ before: i, now: j, likelihood }) => likelihood > this.#least && earlier.has(i) && later.has(j))
      .sort((a, b) => b.likelihood - a.likelihood || a.before - b.before || a.now - b.now);
    for (const { before: i, now: j } of likely) if (earlier.has(i) && later.has(j)) pair(i, j);
    pairs.sort(([a], [b]) => a - b);
    for (const [i, j] of pairs) this.#count(before[i]!.type, now[j]!.type);
    for (const i of earlier) this.#count(before[i]!.type, GONE);
    return { pairs, vanished: [...earlier], appeared: [...later] };
  }

  #share(from: number, to: number): number {
    const row = this.#row(from);
    const sum = [...row.values()].reduce((a, b) => a + b, 0);
    return (row.get(to) ?? 0) / sum;
  }

  #count(from: number, to: number): void {
    const row = this.#row(from);
    row.set(to, (row.get(to) ?? 0) + 1);
  }

  #row(type: number): Map<number, number> {
    const row = this.#transitions.get(type) ?? new Map([[type, 1]]);
    this.#transitions.set(type, row);
    return row;
  }
}

const isSame = (a: SeenObject, b: SeenObject): boolean => a.type === b.type && a.row === b.row && a.column === b.column;
