/** A sequence that may still go on: its symbols, and the logarithm of its probability. */
export interface Alive {
  readonly symbols: readonly number[];
  readonly logProbability: number;
  /** The row of the step before that it continues. */
  readonly row: number;
}

/** The likeliest symbols after each row, best first: `[rows, k]` each. */
export interface Continuations {
  readonly symbols: ArrayLike<number>;
  readonly logProbabilities: ArrayLike<number>;
  readonly k: number;
}

interface Finished {
  readonly symbols: readonly number[];
  readonly score: number;
}

/** How much a long sequence is favoured over a short one of the same probability. */
const ALPHA = 0.6;

/** What a log-probability is divided by, for a sequence of so many symbols (Wu et al. 2016, equation 14). */
const penaltyOf = (length: number): number => ((5 + length) / 6) ** ALPHA;

/**
 * Beam search for one sample: of the continuations of at most `beam` sequences the best go on, until none that is alive can become better
 * than those that have ended. With a beam of 1 it is greedy: the likeliest symbol at each position.
 */
export class Beam {
  readonly #beam: number;
  readonly #end: number;
  readonly #longest: number;
  #alive: readonly Alive[];
  #finished: readonly Finished[] = [];

  /** `row`: the sample's first row of the step; `longest`: most symbols of a sequence, its end counted. */
  constructor(beam: number, end: number, longest: number, row: number) {
    [this.#beam, this.#end, this.#longest] = [beam, end, longest];
    this.#alive = [{ symbols: [], logProbability: 0, row }];
  }

  /** The sequences that go on, at most as many as the beam is wide. */
  get alive(): readonly Alive[] {
    return this.#alive;
  }

  get over(): boolean {
    return this.#alive.length === 0;
  }

  /** The best sequence so far, without its end. */
  get best(): readonly number[] {
    return this.#finished[0]?.symbols ?? this.#alive[0]?.symbols ?? [];
  }

  /** Takes the continuations of what is alive. `rowOf`: the row of the step in which a sequence was continued. */
  advance({ symbols, logProbabilities, k }: Continuations, rowOf: (index: number) => number): void {
    const candidates = this.#alive.flatMap((sequence, index) => {
      const row = rowOf(index);
      return Array.from({ length: k }, (_, i) => ({
        symbol: symbols[row * k + i]!,
        logProbability: sequence.logProbability + logProbabilities[row * k + i]!,
        before: sequence.symbols,
        row,
      }));
    });
    candidates.sort((a, b) => b.logProbability - a.logProbability);
    const alive: Alive[] = [];
    const finished = [...this.#finished];
    // Twice as many as go on: were half of them at their end, the beam would still be full.
    for (const { symbol, logProbability, before, row } of candidates.slice(0, this.#beam === 1 ? 1 : 2 * this.#beam)) {
      if (symbol === this.#end) {
        finished.push({ symbols: before, score: logProbability / penaltyOf(before.length + 1) });
      } else if (alive.length < this.#beam) alive.push({ symbols: [...before, symbol], logProbability, row });
    }
    this.#finished = finished.sort((a, b) => b.score - a.score).slice(0, this.#beam);
    this.#alive = this.#canImprove(alive[0]) ? alive : [];
    // Cut off: nothing has ended.
    if (this.#alive.length > 0 && alive[0]!.symbols.length === this.#longest && this.#finished.length === 0) {
      this.#finished = [{ symbols: alive[0]!.symbols, score: Number.NEGATIVE_INFINITY }];
      this.#alive = [];
    }
  }

  /** Whether the likeliest sequence that is alive may still become better than the worst that has ended. */
  #canImprove(likeliest: Alive | undefined): boolean {
    if (likeliest === undefined) return false;
    if (this.#finished.length < this.#beam) return true;
    return likeliest.logProbability / penaltyOf(this.#longest) > this.#finished.at(-1)!.score;
  }
}
