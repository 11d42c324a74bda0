/** The losses of a range test: at which learning rate a training learned how fast. */
export interface RateCurve {
  /** The learning rates, step by step, rising. */
  readonly rates: readonly number[];
  /** The smoothed losses of each task at those steps, before its weight; NaN before its first label. */
  readonly losses: Readonly<Record<string, readonly number[]>>;
  /** The sums of the smoothed losses times the tasks' weights at those steps. */
  readonly total: readonly number[];
  /** Why it ended: the loss rose, or was not finite, or all steps were made. */
  readonly end: 'risen' | 'diverged' | 'steps';
  /** What follows from `total`; absent where too few steps were made before it rose. */
  readonly found?: FoundRates | undefined;
}

/** Rates that a curve tells. */
export interface FoundRates {
  /** The rate around which the loss fell fastest, over the logarithm of the rate. */
  readonly steepest: number;
  /** A tenth of the rate with the lowest loss. */
  readonly tenthOfLowest: number;
  /** The lesser of the two. */
  readonly proposal: number;
}

/** How much of the mean before stays in the next, as in fast.ai. */
const SMOOTHING = 0.98;
/** A loss so many times its best has risen: the test is over. */
const RISEN = 4;
/** Steps at the end that nothing follows from: the loss rises there. */
const LAST = 5;

/** Puts a curve together, step by step. */
export class RateRecorder {
  readonly #weights: Readonly<Record<string, number>>;
  readonly #steps: number;
  readonly #rates: number[] = [];
  readonly #losses: Readonly<Record<string, number[]>>;
  readonly #total: number[] = [];
  readonly #means: Readonly<Record<string, { sum: number; count: number }>>;
  #best = Number.POSITIVE_INFINITY;
  #risen = false;

  /** `weights`: of the tasks; `steps`: how many may be made. */
  constructor(weights: Readonly<Record<string, number>>, steps: number) {
    this.#weights = weights;
    this.#steps = steps;
    this.#losses = Object.fromEntries(Object.keys(weights).map((name) => [name, []]));
    this.#means = Object.fromEntries(Object.keys(weights).map((name) => [name, { sum: 0, count: 0 }]));
  }

  /** Whether the loss has risen so far that nothing more is to be learned. */
  get risen(): boolean {
    return this.#risen;
  }

  add(rate: number, losses: Readonly<Partial<Record<string, number>>>): void {
    this.#rates.push(rate);
    let total = 0;
    for (const [name, weight] of Object.entries(this.#weights)) {
      const mean = this.#means[name]!;
      const loss = losses[name];
      if (loss !== undefined) {
        mean.sum = SMOOTHING * mean.sum + (1 - SMOOTHING) * loss;
        mean.count++;
      }
      // The mean begins with 0, which counts for less and less.
      const smoothed = mean.count === 0 ? Number.NaN : mean.sum / (1 - SMOOTHING ** mean.count);
      this.#losses[name]!.push(smoothed);
      if (weight > 0) total += weight * smoothed;
    }
    this.#total.push(total);
    if (total < this.#best) this.#best = total;
    // Of losses below 0 no multiple says anything.
    this.#risen = this.#best > 0 && total > RISEN * this.#best;
  }

  curve(diverged: boolean): RateCurve {
    const end = diverged ? 'diverged' : this.#risen ? 'risen' : 'steps';
    const found = foundIn(this.#rates, this.#total, this.#steps);
    return { rates: this.#rates, losses: this.#losses, total: this.#total, end, found };
  }
}

type Point = { readonly rate: number; readonly loss: number };

/**
 * Reads a curve without its first tenth and its last steps, as fast.ai does (`minimum`, `steep`). A slope is that of the line through
 * the points of a tenth of the steps (least squares), not of two neighbours: the noise of single batches would decide there.
 */
function foundIn(rates: readonly number[], total: readonly number[], steps: number): FoundRates | undefined {
  const points = rates
    .map((rate, i) => ({ rate, loss: total[i]! }))
    .slice(Math.floor(steps / 10), -LAST)
    .filter(({ loss }) => Number.isFinite(loss));
  const reach = Math.max(1, Math.round(steps / 20));
  const slopes = points.flatMap(({ rate }, i) =>
    i < reach || i + reach >= points.length ? [] : [{ rate, loss: slopeOf(points.slice(i - reach, i + reach + 1)) }],
  );
  if (slopes.length === 0) return undefined;
  const lowest = (list: readonly Point[]) => list.reduce((best, point) => (point.loss < best.loss ? point : best)).rate;
  const [steepest, tenthOfLowest] = [lowest(slopes), lowest(points) / 10];
  return { steepest, tenthOfLowest, proposal: Math.min(steepest, tenthOfLowest) };
}

/** The slope of the loss over the logarithm of the rate. */
function slopeOf(points: readonly Point[]): number {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const logs = points.map(({ rate }) => Math.log(rate));
  const center = mean(logs);
  const level = mean(points.map(({ loss }) => loss));
  const cross = points.reduce((sum, { loss }, i) => sum + (logs[i]! - center) * (loss - level), 0);
  return cross / logs.reduce((sum, log) => sum + (log - center) ** 2, 0);
}
