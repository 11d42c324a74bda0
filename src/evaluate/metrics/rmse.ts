import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { knownPairs, type Numbers } from './numbers.ts';

/**
 * Makes the metric that takes the root of the mean squared error, in the target's unit. Less is better. Where targets are lists, it
 * is the mean over all numbers that are there: NaN in a target is a number that is missing.
 * @throws BanyanError `data`, when it is updated, for what is no number.
 */
export function rmse(): Metric<Numbers, Numbers> {
  let squares = 0;
  let count = 0;
  return {
    name: 'rmse',
    higherIsBetter: false,
    update: (target, prediction) => {
      for (const [expected, predicted] of knownPairs('rmse', target, prediction)) {
        count++;
        squares += (predicted - expected) ** 2;
      }
    },
    result: () => Math.sqrt(squares / count),
    reset: () => {
      squares = count = 0;
    },
  };
}

/** `rmse`, as files name it. */
export const rmseKind: Kind<Metric<Numbers, Numbers>> = {
  kind: 'rmse',
  about: "The root of the mean squared error, in the target's unit.",
  options: optionsOf('rmse', {}),
  build: rmse,
};
