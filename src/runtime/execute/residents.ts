import type * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import type { Context } from '../tensorflow/index.ts';
import { isGone } from './gone.ts';
import { ResidentVariable } from './resident.ts';

/** The variables of one network that live on the device. */
export class Residents {
  readonly #context: Context;
  readonly #residents = new Map<tf.Variable, ResidentVariable>();
  /** Whether a graph runs that may change some of them: nobody may read them meanwhile. */
  changing = false;

  constructor(context: Context) {
    this.#context = context;
  }

  /** The variable on the device; from now on it lives there. */
  of(variable: tf.Variable): ResidentVariable {
    const resident =
      this.#residents.get(variable) ?? new ResidentVariable(this.#context, variable, () => this.#assertIdle());
    this.#residents.set(variable, resident);
    return resident;
  }

  /** Tells whether some of them were disposed. */
  get someAreGone(): boolean {
    return [...this.#residents.keys()].some(isGone);
  }

  /** Frees the memory of those that were disposed. */
  forgetGone(): void {
    for (const [variable, resident] of this.#residents) {
      if (!isGone(variable)) continue;
      resident.dispose();
      this.#residents.delete(variable);
    }
  }

  /** Gives all of them back to tfjs. */
  dispose(): void {
    for (const resident of this.#residents.values()) resident.dispose();
    this.#residents.clear();
  }

  #assertIdle(): void {
    if (!this.changing) return;
    throw new BanyanError(
      'busy',
      'A weight is read while a step that may change it is running. Expected a reading between steps. Read it in an event of the training, or after it.',
    );
  }
}
