import { RandomStream } from '../../random/index.ts';
import type { Source } from '../../task/source.ts';

/**
 * Gives the seed of the training that a source of this worker hears. One that acts, or keeps a state, is another one in each worker: with the
 * same seed all would play the same game. What is read by index alone is the same for all.
 */
export const sourceSeed = (
  { lockStep, state }: Pick<Source<unknown, unknown>, 'lockStep' | 'state'>,
  seed: number,
  worker: number,
): number =>
  worker === 0 || !(lockStep === true || state !== undefined)
    ? seed
    : new RandomStream(seed, `sources of worker ${worker}`).word();
