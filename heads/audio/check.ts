import { BanyanError } from 'banyan-ml';

/** @throws BanyanError `argument` for a number that is not whole or less than `least`; `what`: the function it is given to. */
export function checkWhole(what: string, least: number, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (Number.isInteger(value) && value >= least) continue;
    throw new BanyanError(
      'argument',
      `${what}: ${name} must be a whole number >= ${least}, received ${value}. Correct the options.`,
    );
  }
}
