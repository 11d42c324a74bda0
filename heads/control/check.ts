import { BanyanError } from 'banyan-ml';

/** @throws BanyanError `argument` for a number that is not whole or not positive; `what`: the function it is given to. */
export function checkCounts(what: string, counts: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(counts)) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new BanyanError('argument', `${what}: ${name} must be a whole number >= 1, received ${value}. Correct it.`);
  }
}

/** How many actions there are. @throws BanyanError `argument` for less than two; `what`: the head they are given to. */
export function countActions(what: string, { length: count }: readonly string[]): number {
  if (count >= 2) return count;
  throw new BanyanError('argument', `${what}: expected at least 2 actions, received ${count}. Correct "actions".`);
}
