import { roomLeft } from '../../files/space-left.ts';
import type { CheckpointOptions } from '../options.ts';

/** In milliseconds. */
const MINUTE = 60_000;
/** Minutes between two checkpoints, where nothing else is said. */
const MINUTES = 5;

/** Decides when a training is saved, and warns of a checkpoint that cannot be written: it is no reason to end a training. */
export class Saving {
  readonly folder: string;
  readonly #every: number;
  readonly #milliseconds: number;
  /** When the last one was written, or should have been. */
  #since = performance.now();
  /** When it could not be. */
  #failed: number | undefined;

  constructor({
    folder,
    every,
    minutes = every === undefined ? MINUTES : Number.POSITIVE_INFINITY,
  }: CheckpointOptions) {
    this.folder = folder;
    this.#every = every ?? Number.POSITIVE_INFINITY;
    this.#milliseconds = MINUTE * minutes;
  }

  /**
   * Says whether it is time after this step, where `saved` is the last one that is saved or could not have been; after one that could not be
   * written, once a minute until one can.
   */
  isDue(step: number, saved = step - 1): boolean {
    const now = performance.now();
    if (this.#failed !== undefined) return now - this.#failed >= MINUTE;
    return Math.floor(step / this.#every) > Math.floor(saved / this.#every) || now - this.#since >= this.#milliseconds;
  }

  /**
   * Writes a checkpoint by `work`, or warns: where, why, how much room there is, and what is still there (`last`). Returns its path, undefined for one that
   * could not be written. `ended`: the training does not go on.
   */
  async write(
    step: number,
    last: string | undefined,
    ended: boolean,
    work: () => Promise<string>,
  ): Promise<string | undefined> {
    try {
      const path = await work();
      this.#failed = undefined;
      return path;
    } catch (error) {
      this.#failed = performance.now();
      const still = last === undefined ? 'No other was written.' : `The last one is ${last}.`;
      const next = ended
        ? 'The training has ended: the network is in memory alone.'
        : 'The training goes on, and tries again in a minute.';
      process.emitWarning(
        `No checkpoint of step ${step}: ${(error as Error).message}${roomLeft(this.folder)} ${still} ${next}`,
        'BanyanWarning',
      );
      return undefined;
    } finally {
      this.#since = performance.now();
    }
  }
}
