import type { RandomStream } from 'banyan-ml/plugin';

export interface ActionChoiceOptions {
  /** The share of actions that are any. Default 0. */
  readonly exploration?: number;
  /**
   * An action loses so much each time it was chosen in the same place since the last reward: greedy play then leaves its loops (ours; it
   * is as a count-based bonus, but forgotten with each reward). Default 0.1.
   */
  readonly impatience?: number;
}

/** A choice is what one who acts by scores remembers of an episode. */
export class ActionChoice {
  readonly #exploration: number;
  readonly #impatience: number;
  /** How often each action was chosen, by the place in which it was. */
  readonly #taken = new Map<string, Float64Array>();

  constructor({ exploration = 0, impatience = 0.1 }: ActionChoiceOptions = {}) {
    this.#exploration = exploration;
    this.#impatience = impatience;
  }

  /** Says how often each action was chosen in a place since the last reward, `[actions]`. */
  taken(place: string, actions: number): Float64Array {
    const there = this.#taken.get(place);
    if (there !== undefined) return there;
    const taken = new Float64Array(actions);
    this.#taken.set(place, taken);
    return taken;
  }

  /** Chooses an action by its score in a place, one of several that are equal by chance: the first of them may be a wall for ever. */
  choose(scores: ArrayLike<number>, place: string, random: RandomStream): number {
    const { length: actions } = scores;
    if (this.#exploration > 0 && random.uniform() < this.#exploration) return random.integer(actions);
    const taken = this.taken(place, actions);
    const impatient = Array.from(scores, (score, action) => score - this.#impatience * taken[action]!);
    const most = Math.max(...impatient);
    const equals = [...impatient.keys()].filter((action) => impatient[action] === most);
    const action = equals.length === 1 ? equals[0]! : equals[random.integer(equals.length)]!;
    taken[action]!++;
    return action;
  }

  /** Forgets what was chosen: at the beginning of an episode, and after each reward that is not 0. */
  forget(): void {
    this.#taken.clear();
  }

  state() {
    return [...this.#taken].map(([place, taken]) => [place, [...taken]] as const);
  }

  restore(state: readonly (readonly [string, readonly number[]])[]): void {
    this.#taken.clear();
    for (const [place, taken] of state) this.#taken.set(place, Float64Array.from(taken));
  }
}
