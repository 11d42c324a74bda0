import { BanyanError, type Environment, type EnvironmentFactory } from 'banyan-ml';
import type { RandomStream } from 'banyan-ml/plugin';

/** No environment writes this. */
const UNTOUCHED = Number.NaN;

/** A world is an environment whose steps and observations are checked, for a task. */
export class World {
  readonly environment: Environment;
  /** An observation has so many numbers. */
  readonly width: number;
  readonly #task: string;
  /** An observation, and a place on either side that stays untouched. */
  readonly #buffer: Float32Array;

  /** @throws BanyanError `argument` for an environment that does not say how its episodes end, or of no size. */
  constructor(make: EnvironmentFactory, task: string) {
    const environment = make();
    const { observationShape, terminated, truncated } = environment;
    if (typeof terminated !== 'boolean' || typeof truncated !== 'boolean') {
      throw new BanyanError(
        'argument',
        `The environment of task "${task}" must say by two booleans how an episode ends, received terminated ${String(terminated)} and truncated ${String(truncated)}. Say \`terminated\` where it ended by itself (\`over\`, before), and \`truncated\` where a time limit cut it; false where it never does.`,
      );
    }
    this.environment = environment;
    this.width = observationShape.reduce((a, b) => a * b, 1);
    if (!Number.isInteger(this.width) || this.width < 1) {
      throw new BanyanError(
        'argument',
        `The environment of task "${task}" has observations of shape [${observationShape.join(', ')}], expected whole numbers >= 1. Correct its observationShape.`,
      );
    }
    this.#task = task;
    this.#buffer = new Float32Array(this.width + 2);
  }

  /** It says whether the episode has ended, either way. */
  get over(): boolean {
    return this.environment.terminated || this.environment.truncated;
  }

  /** It says whether the episode was cut, and would have gone on. */
  get cut(): boolean {
    return this.environment.truncated && !this.environment.terminated;
  }

  reset(random: RandomStream): void {
    this.environment.reset(random);
    if (!this.over) return;
    throw this.#fault('is over as soon as it is reset, expected an episode with a step. Correct its reset().');
  }

  /** Acts, and gives the reward. @throws BanyanError `data` for an action that is none, a reward that is no number. */
  step(action: number, random: RandomStream): number {
    const { length: count } = this.environment.actions;
    if (!(Number.isInteger(action) && action >= 0 && action < count)) {
      throw this.#fault(
        `was to act by ${action}, expected a whole number from 0 to ${count - 1}. Correct what chooses the action.`,
      );
    }
    const reward = this.environment.step(action, random);
    if (Number.isFinite(reward)) return reward;
    throw this.#fault(`gave the reward ${reward}, expected a finite number. Correct its step().`);
  }

  /** Writes what is seen now to `into`. @throws BanyanError `data` for another number of numbers, or one that is none. */
  observe(into: Float32Array, at = 0): void {
    const buffer = this.#buffer.fill(UNTOUCHED);
    this.environment.observe(buffer, 1);
    const seen = buffer.subarray(1, -1);
    if (!Number.isNaN(buffer[0]) || !Number.isNaN(buffer.at(-1))) {
      throw this.#fault(
        `wrote beside its observation, expected the ${this.width} numbers of observationShape from place \`at\` on. Correct its observe().`,
      );
    }
    const bad = seen.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw this.#fault(
        `wrote ${seen[bad]} or nothing at place ${bad} of its observation, expected ${this.width} finite numbers. Correct its observe().`,
      );
    }
    into.set(seen, at);
  }

  /** Observes what is seen now. */
  look(): Float32Array {
    const seen = new Float32Array(this.width);
    this.observe(seen);
    return seen;
  }

  #fault(what: string): BanyanError {
    return new BanyanError('data', `The environment of task "${this.#task}" ${what}`);
  }
}
