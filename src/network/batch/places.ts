import { BanyanError } from '../../error.ts';
import type { Split } from '../../task/source.ts';

/** What an error calls the example at this place of a batch: `training example 12`. */
export type PlaceOf = (place: number) => string;

export const inBatch: PlaceOf = (place) => `example ${place} of the batch`;

/** Examples of a split, read by these indices. */
export const placesIn =
  (split: Split, indices: readonly number[]): PlaceOf =>
  (place) =>
    `${split} example ${indices[place]}`;

/** What a stem's or a head's `member()` threw, with the task and the example. `what`: whose it is and what it was given. */
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
