import type { Metric } from '../../task/contract.ts';
import { knownPairs, type Numbers } from './known-pairs.ts';

/**
 * Root of the mean squared error, in the target's unit. Less is better.
 * Of lists of numbers over all numbers that are there: NaN in a target is one that is missing.
 */
export function rmse(): Metric<Numbers, Numbers> {
  let squares = 0;
  let count = 0;
  return {
    name: 'rmse',
    higherIsBetter: false,
    update: (target, prediction) => {
      for (const [expected, predicted] of knownPairs(target, prediction)) {
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
