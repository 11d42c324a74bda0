import { BanyanError } from 'banyan-ml';

/**
 * Counts the actions of a head.
 * @throws BanyanError `argument` for less than two; `head`: the head that they are given to.
 */
export function countActions(head: string, { length: count }: readonly string[]): number {
  if (count >= 2) return count;
  throw new BanyanError(
    'argument',
    `${head}: expected at least 2 actions, received ${count}. Give "actions" the environment's.`,
  );
}
