import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { byPlace } from './by-place.ts';
import { Moments } from './moments.ts';
import type { Numbers } from './numbers.ts';

/**
 * Makes Pearson's correlation of targets and predictions, from -1 to 1, as scipy's `pearsonr`: how far one is a straight line of the other.
 * NaN where all targets, or all predictions, are equal, and for fewer than two. Where targets are lists, it is the mean of that of each
 * number; NaN in a target is a number that is missing.
 * @throws BanyanError `data`, when it is updated, for what is no number.
 */
export function pearson(): Metric<Numbers, Numbers> {
  return byPlace('pearson', () => {
    const moments = new Moments();
    return { add: (target, prediction) => moments.add(target, prediction), result: () => moments.correlation };
  });
}

/** `pearson`, as files name it. */
export const pearsonKind: Kind<Metric<Numbers, Numbers>> = {
  kind: 'pearson',
  about: "Pearson's correlation of targets and predictions: how far one is a straight line of the other.",
  options: optionsOf('pearson', {}),
  build: pearson,
};
