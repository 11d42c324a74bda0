import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { knownPairs, type Numbers } from './numbers.ts';

/**
 * Makes the metric that takes the mean of `|prediction - target|`, in the target's unit. Less is better. Where targets are lists, it
 * is the mean over all numbers that are there: NaN in a target is a number that is missing.
 * @throws BanyanError `data`, when it is updated, for what is no number.
 */
export function meanAbsoluteError(): Metric<Numbers, Numbers> {
  let [sum, count] = [0, 0];
  return {
    name: 'mean-absolute-error',
    higherIsBetter: false,
    update: (target, prediction) => {
      for (const [expected, predicted] of knownPairs('mean-absolute-error', target, prediction)) {
        count++;
        sum += Math.abs(predicted - expected);
      }
    },
    result: () => sum / count,
    reset: () => {
      [sum, count] = [0, 0];
    },
  };
}

/** `meanAbsoluteError`, as files name it. */
export const meanAbsoluteErrorKind: Kind<Metric<Numbers, Numbers>> = {
  kind: 'mean-absolute-error',
  about: "The mean distance of the prediction from the target, in the target's unit.",
  options: optionsOf('mean-absolute-error', {}),
  build: meanAbsoluteError,
};
