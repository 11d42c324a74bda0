import { BanyanError } from '../../error.ts';
import type { Split } from '../../task/source.ts';

/** Gives what an error calls the example at this place of a batch: `training example 12`. */
export type PlaceOf = (place: number) => string;

export const inBatch: PlaceOf = (place) => `example ${place} of the batch`;

/** Names the examples of a split that were read by these indices. */
export const placesIn =
  (split: Split, indices: readonly number[]): PlaceOf =>
  (place) =>
    `${split} example ${indices[place]}`;

/** Adds the task and the example to what a stem's or a head's `member()` threw. `what`: whose it is and what it was given. */
export function withPlace(task: string, place: string, what: string, error: unknown, member = 'prepare'): BanyanError {
  const named = `Task "${task}": `;
  if (!(error instanceof BanyanError)) {
    return new BanyanError(
      'data',
      `${named}${place}: ${what} and failed: ${error instanceof Error ? error.message : String(error)}. Correct the example, or the ${member}().`,
      { cause: error },
    );
  }
  const text = error.message.startsWith(named) ? error.message.slice(named.length) : error.message;
  return new BanyanError(error.code, `${named}${place}: ${text}`, { cause: error });
}
