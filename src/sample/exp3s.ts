export interface Exp3SOptions {
  /** η. */
  readonly learningRate: number;
  /** ε. */
  readonly uniform: number;
  /** β. */
  readonly beta: number;
}

/**
 * The bandit Exp3.S over so many arms (Auer et al. 2002), in the form of Graves et al. 2017, section 2.3. The policy is
 * `π(i) = (1 - ε) e^{w_i} / Σ e^{w_j} + ε / N`; after reward r of arm a, with `r̃_i = (r [i = a] + β) / π(i)` and `α = 1 / t`, where
 * t is 2 for the first,
 * `w_i ← log((1 - α) e^{w_i + η r̃_i} + α / (N - 1) Σ_{j ≠ i} e^{w_j + η r̃_j})`.
 * So arms that were bad come back, as learning makes others worse.
 */
export class Exp3S {
  readonly #options: Exp3SOptions;
  #weights: readonly number[];
  /** Rewards so far. */
  #rewards = 0;

  constructor(arms: number, options: Exp3SOptions) {
    this.#options = options;
    this.#weights = Array(arms).fill(0);
  }

  /** Gives the probabilities of all arms, as if only the active ones were there: 0 for the others. */
  policy(active: readonly number[]): readonly number[] {
    const { uniform } = this.#options;
    const largest = Math.max(...active.map((i) => this.#weights[i]!));
    const powers = this.#weights.map((weight, i) => (active.includes(i) ? Math.exp(weight - largest) : 0));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((power, i) => (active.includes(i) ? ((1 - uniform) * power) / sum + uniform / active.length : 0));
  }

  /** Takes the reward, from -1 to 1, of an arm that was drawn with this probability. */
  reward(arm: number, reward: number, probability: number): void {
    const { learningRate, beta } = this.#options;
    const arms = this.#weights.length;
    const alpha = arms === 1 ? 0 : 1 / (++this.#rewards + 1);
    const now = this.policy([...this.#weights.keys()]);
    // Of the others beta alone counts, by the policy of now: that by which they were not drawn is not known any more.
    const moved = this.#weights.map(
      (weight, i) => weight + learningRate * (i === arm ? (reward + beta) / probability : beta / now[i]!),
    );
    const largest = Math.max(...moved);
    const powers = moved.map((weight) => Math.exp(weight - largest));
    const sum = powers.reduce((a, b) => a + b, 0);
    this.#weights = powers.map(
      (power) => largest + Math.log((1 - alpha) * power + (alpha / Math.max(1, arms - 1)) * (sum - power)),
    );
  }

  get state(): { readonly weights: readonly number[]; readonly rewards: number } {
    return { weights: this.#weights, rewards: this.#rewards };
  }

  restore({ weights, rewards }: Exp3S['state']): void {
    this.#weights = weights;
    this.#rewards = rewards;
  }
}
