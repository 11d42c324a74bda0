import type { Metric } from '../../task/contract.ts';
import { knownPairs, type Numbers } from './known-pairs.ts';

/**
 * Mean of `|prediction - target|`, in the target's unit. Less is better.
 * Of lists of numbers over all numbers that are there: NaN in a target is one that is missing.
 */
export function meanAbsoluteError(): Metric<Numbers, Numbers> {
  let [sum, count] = [0, 0];
  return {
    name: 'mean-absolute-error',
    higherIsBetter: false,
    update: (target, prediction) => {
      for (const [expected, predicted] of knownPairs(target, prediction)) {
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
