import { BanyanError } from '../error.ts';

/**
 * A seed is a whole number from 0 to 2^53 - 1, and each of them begins other draws.
 * @param what whose seed it is, such as `train: seed`.
 * @returns the seed.
 * @throws BanyanError `argument` for anything else.
 */
export function checkSeed(what: string, seed: number): number {
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  const received = typeof seed === 'string' ? `"${seed}"` : String(seed);
  throw new BanyanError(
    'argument',
    `${what} must be a whole number from 0 to 2^53 - 1, received ${received}. Give such a number, or leave the seed out for 0.`,
  );
}

/** What of a seed does not fit into one word of 32 bits: 0 for seeds below 2^32, and below 2^21 for all. */
export const highWord = (seed: number): number => Math.floor(seed / 2 ** 32);
