import { BanyanError, type Json } from 'banyan-ml';
import { check, count } from 'banyan-ml/plugin';
import { type Lesson, learnersOf, type Relation } from './relations.ts';

export interface RelationTablesOptions {
  /** So many actions there are. */
  readonly actions: number;
  /** Objects at most so many rows and so many columns away count. */
  readonly reach: number;
  /** A step of learning takes so much of what is new, from 0 to 1. Default 1, for a world without chance. */
  readonly alpha?: number;
  /** A reward one step later is worth so much. Default 0.9. */
  readonly gamma?: number;
  /**
   * A reward teaches `touched` objects alone, which is the common sense of d'Avila Garcez et al. 2018, or `all` that are near, as
   * Garnelo et al. 2016 have it. Default `touched`.
   */
  readonly credit?: 'touched' | 'all';
  /** An object counts for less by the distance to this power, 0, 1 or 2. Default 2, as d'Avila Garcez et al. 2018; 0: Garnelo et al. 2016. */
  readonly power?: 0 | 1 | 2;
}

/** An update is what one object taught. */
export interface RelationUpdate {
  readonly relation: Relation;
  /** The best that is to be had from where the object lies after the step, as it was known before the update. */
  readonly future: number;
  readonly goal: number;
  readonly before: number;
  readonly after: number;
}

/** A row is what each action is worth where an object of a type lies so. */
export interface RelationRow extends Relation {
  readonly values: readonly number[];
  /** It was learned from so many times. */
  readonly uses: number;
}

/** The values of a type, `[side, side, actions]`, and how often each place was learned from, `[side, side]`. */
interface Table {
  readonly values: Float64Array;
  readonly uses: Float64Array;
}

/**
 * Tables of what actions are worth by how one object lies to the one that acts, one a type: deep symbolic reinforcement learning's back
 * end (Garnelo, Arulkumaran and Shanahan 2016, "Towards Deep Symbolic Reinforcement Learning", section 3.3), whose tables are one for each
 * pair of types, of which one is always the agent's here. An action's score is the sum over all objects. All in float64, on the host.
 */
export class RelationTables {
  readonly actions: number;
  readonly reach: number;
  readonly #alpha: number;
  readonly #gamma: number;
  readonly #credit: 'touched' | 'all';
  readonly #power: 0 | 1 | 2;
  readonly #tables = new Map<number, Table>();

  /** @throws BanyanError `argument` for a number of actions or a reach that is no whole number >= 1. */
  constructor({ actions, reach, alpha = 1, gamma = 0.9, credit = 'touched', power = 2 }: RelationTablesOptions) {
    check('RelationTables', { actions, reach }, count);
    this.actions = actions;
    this.reach = reach;
    this.#alpha = alpha;
    this.#gamma = gamma;
    this.#credit = credit;
    this.#power = power;
  }

  /** Gives what each action is worth by the sum of all objects, `[actions]`. */
  scores(relations: readonly Relation[]): Float64Array {
    const sums = new Float64Array(this.actions);
    for (const { shares } of this.contributions(relations))
      for (const [action, share] of shares.entries()) sums[action]! += share;
    return sums;
  }

  /** Gives what each object within reach adds to the scores, `[actions]` each, in their order. */
  contributions(relations: readonly Relation[]): readonly { readonly relation: Relation; readonly shares: number[] }[] {
    return relations
      .filter((relation) => this.#reaches(relation))
      .map((relation) => {
        const weight = this.#weight(relation);
        return { relation, shares: Array.from(this.values(relation), (value) => value / weight) };
      });
  }

  /** Gives what each action is worth where an object lies so, `[actions]`; nothing is known of it: zeros. */
  values(relation: Relation): Float64Array {
    const table = this.#tables.get(relation.type);
    if (table === undefined) return new Float64Array(this.actions);
    const at = this.#at(relation) * this.actions;
    return table.values.subarray(at, at + this.actions);
  }

  /** Learns from one step, all objects by the tables as they were before it, and tells what was learned. */
  learn(lesson: Lesson): readonly RelationUpdate[] {
    const { relations, action, reward } = lesson;
    const goals = learnersOf(lesson, this.#credit).flatMap(({ place, next }) => {
      const relation = relations[place]!;
      if (!this.#reaches(relation)) return [];
      const future = next === undefined || !this.#reaches(next) ? 0 : Math.max(...this.values(next));
      return [{ relation, future, goal: reward + this.#gamma * future }];
    });
    return goals.map(({ relation, future, goal }) => {
      const { values, uses } = this.#table(relation.type);
      const place = this.#at(relation);
      uses[place]!++;
      const before = values[place * this.actions + action]!;
      const after = before + this.#alpha * (goal - before);
      values[place * this.actions + action] = after;
      return { relation, future, goal, before, after };
    });
  }

  /** Lists the places that were learned from, by type, row and column. */
  rows(): readonly RelationRow[] {
    const side = 2 * this.reach + 1;
    const types = [...this.#tables.keys()].sort((a, b) => a - b);
    return types.flatMap((type) => {
      const { values, uses } = this.#tables.get(type)!;
      return [...uses.keys()].flatMap((place) => {
        const row = values.subarray(place * this.actions, (place + 1) * this.actions);
        if (uses[place] === 0 && row.every((value) => value === 0)) return [];
        const [down, right] = [Math.floor(place / side) - this.reach, (place % side) - this.reach];
        return [{ type, down, right, values: [...row], uses: uses[place]! }];
      });
    });
  }

  /** Sets what a place says, in place of what was learned. @throws BanyanError `argument` for a place beyond the reach, or too few values. */
  set({ type, down, right, values, uses }: RelationRow): void {
    const relation = { type, down, right };
    if (!this.#reaches(relation) || values.length !== this.actions) {
      throw new BanyanError(
        'argument',
        `RelationTables: expected a place at most ${this.reach} rows and columns away with ${this.actions} values, received ${JSON.stringify({ ...relation, values })}. Correct the row.`,
      );
    }
    const table = this.#table(type);
    const place = this.#at(relation);
    table.values.set(values, place * this.actions);
    table.uses[place] = uses;
  }

  state(): Json {
    return this.rows().map(({ type, down, right, values, uses }) => [type, down, right, uses, ...values]);
  }

  restore(state: Json): void {
    this.#tables.clear();
    for (const [type, down, right, uses, ...values] of state as readonly (readonly number[])[])
      this.set({ type: type!, down: down!, right: right!, uses: uses!, values });
  }

  #reaches({ down, right }: Relation): boolean {
    return Math.abs(down) <= this.reach && Math.abs(right) <= this.reach;
  }

  #at({ down, right }: Relation): number {
    return (down + this.reach) * (2 * this.reach + 1) + right + this.reach;
  }

  #weight({ down, right }: Relation): number {
    const squared = down * down + right * right;
    return this.#power === 2 ? squared : this.#power === 1 ? Math.sqrt(squared) : 1;
  }

  #table(type: number): Table {
    const there = this.#tables.get(type);
    if (there !== undefined) return there;
    const places = (2 * this.reach + 1) ** 2;
    const table = { values: new Float64Array(places * this.actions), uses: new Float64Array(places) };
    this.#tables.set(type, table);
    return table;
  }
}
