import type { RandomStream } from '../random/index.ts';
import type { Json } from './contract.ts';
import type { Picture } from './exhibit.ts';

/**
 * A world that one acts in, in steps: a game, a simulated machine. All chance comes from the streams it is handed, so that
 * the same draws and actions give the same episode.
 */
export interface Environment {
  /** Of one observation, without the batch axis. */
  readonly observationShape: readonly number[];
  /** A name for each action; actions are their places. */
  readonly actions: readonly string[];
  /** Whether the episode is over; `step` then needs a `reset` first. True before the first one. */
  readonly over: boolean;
  /** Begins an episode. */
  reset(random: RandomStream): void;
  /** Acts, and gives the reward. */
  step(action: number, random: RandomStream): number;
  /** Writes what is seen now to `into`, from place `at` on: as many numbers as `observationShape` says. */
  observe(into: Float32Array, at?: number): void;
  /** All that what follows depends on, besides the draws, as JSON: an interrupted training goes on exactly where it was. */
  state(): Json;
  restore(state: Json): void;
  /** What a person can be shown of what is now. Always of one size. */
  draw?(): Picture;
}

/** Makes environments that know nothing of each other. */
export type EnvironmentFactory = () => Environment;
