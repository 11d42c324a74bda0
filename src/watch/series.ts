/** Values by name at one place of the training. */
export interface Point {
  /** The number of updates that were made. */
  readonly step: number;
  /** Seconds of training, up to here. */
  readonly seconds: number;
  readonly values: Readonly<Record<string, number>>;
  /** What each value counts in a mean; without it all count the same. */
  readonly weights?: Readonly<Record<string, number>>;
}

/** A series as JSON. */
export interface SeriesState {
  /** The number of points that were added for each that is kept. */
  readonly every: number;
  readonly points: readonly Point[];
  /** The last points, which are not yet as many. */
  readonly pending: readonly Point[];
}

// More than a curve has pixels for.
const MOST = 1000;

/**
 * Keeps a curve of any length in little memory: of more than a thousand points, the means of two neighbours are kept, and of two of
 * those, and so on.
 */
export class Series {
  #every: number;
  #points: Point[];
  #pending: Point[];

  constructor({ every, points, pending }: SeriesState = { every: 1, points: [], pending: [] }) {
    this.#every = every;
    this.#points = [...points];
    this.#pending = [...pending];
  }

  add(point: Point): void {
    this.#pending.push(point);
    if (this.#pending.length < this.#every) return;
    this.#points.push(meanOf(this.#pending));
    this.#pending = [];
    if (this.#points.length < MOST) return;
    this.#points = Array.from({ length: MOST / 2 }, (_, i) => meanOf(this.#points.slice(2 * i, 2 * i + 2)));
    this.#every *= 2;
  }

  /** The points up to the last one that was added. */
  get points(): readonly Point[] {
    return this.#pending.length === 0 ? this.#points : [...this.#points, meanOf(this.#pending)];
  }

  get state(): SeriesState {
    return { every: this.#every, points: this.#points, pending: this.#pending };
  }
}

/** Takes the mean of each name over the points that have it, by their weights, at the place of the last. */
function meanOf(points: readonly Point[]): Point {
  const last = points.at(-1)!;
  if (points.length === 1) return last;
  const { step, seconds } = last;
  const sums = new Map<string, { sum: number; weight: number }>();
  for (const { values, weights } of points) {
    for (const [name, value] of Object.entries(values)) {
      const { sum, weight } = sums.get(name) ?? { sum: 0, weight: 0 };
      const added = weights?.[name] ?? 1;
      sums.set(name, { sum: sum + added * value, weight: weight + added });
    }
  }
  const entries = [...sums];
  const means = Object.fromEntries(entries.map(([name, { sum, weight }]) => [name, sum / weight]));
  if (last.weights === undefined) return { step, seconds, values: means };
  return {
    step,
    seconds,
    values: means,
    weights: Object.fromEntries(entries.map(([name, { weight }]) => [name, weight])),
  };
}
