import type { Metric } from '../../task/contract.ts';

/** Root of the mean squared error, in the target's unit. Less is better. */
export function rmse(): Metric<number, number> {
  let squares = 0;
  let count = 0;
  return {
    name: 'rmse',
    higherIsBetter: false,
    update: (target, prediction) => {
      count++;
      squares += (prediction - target) ** 2;
    },
    result: () => Math.sqrt(squares / count),
    reset: () => {
      squares = count = 0;
    },
  };
}
