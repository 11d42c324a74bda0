import type { RandomStream } from '../random/index.ts';
import type { Json } from './contract.ts';
import type { Picture } from './display.ts';

/** An object is a thing of some type, at a place. */
export interface SeenObject {
  /** Things of one type look and behave alike; a whole number >= 0. */
  readonly type: number;
  /** Rows count from the top. */
  readonly row: number;
  /** Columns count from the left. */
  readonly column: number;
}

/**
 * An environment is a world that one acts in, in steps: a game, a simulated machine. All chance comes from the streams it is handed, so that
 * the same draws and actions give the same episode.
 */
export interface Environment {
  /** The shape of one observation, without the batch axis. */
  readonly observationShape: readonly number[];
  /** Each action has a name; actions are the places of their names. */
  readonly actions: readonly string[];
  /** It says whether the episode has ended by itself: nothing comes after, so the state is worth 0. `step` then needs a `reset` first. */
  readonly terminated: boolean;
  /**
   * It says whether the episode was cut, by a time limit for instance, and would have gone on: the state is worth what would have followed
   * (Pardo et al. 2018, "Time Limits in Reinforcement Learning"). `step` then needs a `reset` first. Both: it counts as terminated.
   */
  readonly truncated: boolean;
  /** Begins an episode. It is called before the first `step`, whatever the two above say by then. */
  reset(random: RandomStream): void;
  /** Acts, and gives the reward. */
  step(action: number, random: RandomStream): number;
  /** Writes what is seen now to `into`, from place `at` on: as many numbers as `observationShape` says. */
  observe(into: Float32Array, at?: number): void;
  /** Each type of object has a name, where there is a list of objects; types are the places of their names. */
  readonly objectTypes?: readonly string[];
  /** Lists what can be seen now as objects, where that is known: first the one that acts, then the others in reading order. */
  objects?(): readonly SeenObject[];
  /** Rows and columns of `objects` are so many pixels of `draw` apart, where these are pictures of them. */
  readonly cell?: number;
  /** Gives all that the rest depends on, besides the draws, as JSON: an interrupted training goes on exactly where it was. */
  state(): Json;
  restore(state: Json): void;
  /** Draws what is now, for a person. Its pictures are all of one size. */
  draw?(): Picture;
}

/** Makes environments that know nothing of each other. */
export type EnvironmentFactory = () => Environment;
