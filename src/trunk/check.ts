import { BanyanError } from '../error.ts';

/** Throws unless every value is a whole number >= 1. */
export function checkCounts(trunk: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!(Number.isInteger(value) && value >= 1)) {
      throw new BanyanError(
        'argument',
        `${trunk}: ${name} must be a whole number >= 1, received ${value}. Correct it.`,
      );
    }
  }
}

/** Throws unless the rate is in [0, 1). */
export function checkRate(trunk: string, rate: number): void {
  if (!(rate >= 0 && rate < 1)) {
    throw new BanyanError('argument', `${trunk}: dropout must be in [0, 1), received ${rate}. Correct it.`);
  }
}
