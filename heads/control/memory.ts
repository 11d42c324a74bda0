import { BanyanError, type EnvironmentFactory, type Json } from 'banyan-ml';
import type { Example, Source, SourceContext, SourceState } from 'banyan-ml/data';
import { check, checkSeed, count, RandomStream } from 'banyan-ml/plugin';
import { demonstrating } from './demonstration.ts';
import { type PlayOptions, playEpisodes } from './episodes.ts';
import type { Episode } from './experience.ts';
import { assertSameOptions } from './state.ts';
import { World } from './world.ts';

/** An episode that is measured is cut after so many steps. */
export const LIMIT = 10_000;

/** The options of every source that learns from a memory of what was played. */
export interface MemoryOptions {
  readonly environment: EnvironmentFactory;
  /** The name of the task whose head acts: the one that this source belongs to. */
  readonly task: string;
  /** So many environments run side by side; each plays one step before an update. Default 8. */
  readonly environments?: number;
  /** So many steps are remembered, of all environments together. Default 20,000. */
  readonly capacity?: number;
  /** The validation and the test split have so many episodes. Default 20 and 100. */
  readonly episodes?: { readonly validation: number; readonly test: number };
  /** An episode of those is cut after so many steps. Default 10,000. */
  readonly limit?: number;
  /** All chance begins with this seed. Default 0. */
  readonly seed?: number;
}

/** A memory holds the last steps of environments that play side by side, a row for each step of all of them. */
export class Memory<Row> {
  readonly worlds: readonly World[];
  readonly #most: number;
  /** Each has played so many steps before the first update. */
  readonly least: number;
  /** Steps that each environment has played. */
  played = 0;
  /** Step t of the environments is at `t % most`. */
  #rows: Row[] = [];

  /**
   * `unfinished`: so many of the last steps cannot be learned from yet.
   * @throws BanyanError `argument` for counts that are not whole or not positive, or a warm-up beyond the capacity. `whose` names the source.
   */
  constructor(
    whose: string,
    { environment, task, environments = 8, capacity = 20_000, limit = LIMIT, seed = 0 }: MemoryOptions,
    { warmUp, unfinished }: { readonly warmUp: number; readonly unfinished: 0 | 1 },
  ) {
    check(whose, { environments, capacity, warmUp, limit }, count);
    checkSeed(`${whose}: seed`, seed);
    this.#most = Math.floor(capacity / environments);
    this.least = Math.ceil(warmUp / environments) + unfinished;
    if (this.least > this.#most) {
      const more = unfinished === 0 ? `of ${environments}` : `and one step more of each of ${environments}`;
      throw new BanyanError(
        'argument',
        `${whose}: capacity must hold the warm-up of ${warmUp} steps ${more} environments, received ${capacity}. Enlarge it.`,
      );
    }
    this.worlds = Array.from({ length: environments }, () => new World(environment, task));
  }

  keep(row: Row): void {
    this.#rows[this.played++ % this.#most] = row;
  }

  /** Gives the row of a step that is still there. */
  row(step: number): Row {
    return this.#rows[step % this.#most]!;
  }

  /** Draws steps evenly, each of one environment; not of the last `unfinished`. */
  draw(size: number, random: RandomStream, unfinished: 0 | 1) {
    const oldest = Math.max(0, this.played - this.#most);
    return Array.from({ length: size }, () => ({
      step: oldest + random.integer(this.played - unfinished - oldest),
      world: random.integer(this.worlds.length),
    }));
  }

  rows(): readonly Row[] {
    return [...this.#rows];
  }

  restore(played: number, rows: readonly Row[]): void {
    this.played = played;
    this.#rows = [...rows];
  }
}

interface MemoryState {
  readonly madeWith: Json;
  readonly played: number;
  readonly updates: number;
  readonly worlds: readonly Json[];
  readonly rows: readonly Float32Array[];
}

/** How a memory is filled and learned from. */
export interface Remembering<Input, Target, Row> {
  readonly memory: Memory<Row>;
  /** How its other splits are played. */
  readonly playing: PlayOptions<Input>;
  readonly episodes: { readonly validation: number; readonly test: number } | undefined;
  /** What a state has to have been made with. */
  readonly madeWith: Json;
  /** Plays one step of all environments. */
  play(random: RandomStream, context: SourceContext): Promise<Row>;
  /** Draws examples of the memory. */
  examples(size: number, random: RandomStream, context: SourceContext): Promise<readonly Example<Input, Target>[]>;
  /** Comes before update number `update`. */
  begin?(update: number, context: SourceContext): Promise<void>;
  /** Numbers of a row, as they are saved, and back. */
  save(row: Row): Float32Array;
  load(numbers: Float32Array): Row;
  /** What else it has to know, to go on. */
  readonly rest?: { state(): { readonly [name: string]: SourceState }; restore(state: SourceState): void };
}

/**
 * Makes the source of a memory: before each update every environment plays one step, in lock-step with the updates, and the batch is
 * drawn of what is remembered. The other splits are whole episodes with seeds of their own.
 */
export function remembering<Input, Target, Row>({
  memory,
  playing,
  episodes = { validation: 20, test: 100 },
  madeWith,
  play,
  examples,
  begin,
  save,
  load,
  rest,
}: Remembering<Input, Target, Row>): Source<Input, Target | Episode> {
  const { task, seed } = playing;
  let updates = 0;
  return {
    facts: { description: `Memory of ${memory.worlds.length} environments, made while it trains` },
    counts: { training: Number.POSITIVE_INFINITY, ...episodes },
    lockStep: true,
    ...demonstrating(playing),
    read: async (split, indices, context) => {
      if (split !== 'training') return playEpisodes(playing, split, indices, context);
      const random = new RandomStream(seed, `training ${context.seed} update ${updates}`);
      await begin?.(updates, context);
      do memory.keep(await play(random, context));
      while (memory.played < memory.least);
      updates++;
      return examples(indices.length, random, context);
    },
    state: () => ({
      madeWith,
      played: memory.played,
      updates,
      worlds: memory.worlds.map(({ environment }) => environment.state()),
      ...rest?.state(),
      rows: memory.rows().map(save),
    }),
    restore: (state) => {
      const saved = state as unknown as MemoryState;
      assertSameOptions(task, saved.madeWith, madeWith);
      updates = saved.updates;
      memory.restore(saved.played, saved.rows.map(load));
      for (const [i, { environment }] of memory.worlds.entries()) environment.restore(saved.worlds[i]!);
      rest?.restore(state);
    },
  };
}
