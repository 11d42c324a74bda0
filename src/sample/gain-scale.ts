import type { RandomStream } from '../random/index.ts';

/** Gains that are remembered. */
const MOST = 1000;
/** The quantiles between which gains become rewards between -1 and 1. */
const [LOW, HIGH] = [0.2, 0.8];

/**
 * Scales gains to rewards from -1 to 1 (Graves et al. 2017, section 2.3): -1 at their 20th percentile so far, 1 at their 80th, in a line
 * between, and no more beyond. The percentiles are those of a reservoir, in which each gain so far is as likely (Vitter 1985).
 */
export class GainScale {
  #gains: number[] = [];
  #seen = 0;

  /** Gives the reward for a gain, which is remembered. */
  scaled(gain: number, random: RandomStream): number {
    this.#seen++;
    if (this.#gains.length < MOST) this.#gains.push(gain);
    else {
      const place = random.integer(this.#seen);
      if (place < MOST) this.#gains[place] = gain;
    }
    const sorted = [...this.#gains].sort((a, b) => a - b);
    const [low, high] = [quantile(sorted, LOW), quantile(sorted, HIGH)];
    if (high <= low) return 0; // As with the first: nothing to compare with.
    return Math.min(1, Math.max(-1, (2 * (gain - low)) / (high - low) - 1));
  }

  get state(): { readonly gains: number[]; readonly seen: number } {
    return { gains: [...this.#gains], seen: this.#seen };
  }

  restore({ gains, seen }: { readonly gains: readonly number[]; readonly seen: number }): void {
    this.#gains = [...gains];
    this.#seen = seen;
  }
}

/** Gives a quantile of sorted numbers, in a line between two of them. */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  return sorted[below]! + (place - below) * ((sorted[below + 1] ?? sorted[below]!) - sorted[below]!);
}
