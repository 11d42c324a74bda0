import type { Metric } from '../../task/contract.ts';

/** Mean of `|prediction - target|`, in the target's unit. Less is better. */
export function meanAbsoluteError(): Metric<number, number> {
  let [sum, count] = [0, 0];
  return {
    name: 'mean-absolute-error',
    higherIsBetter: false,
    update: (target, prediction) => {
      count++;
      sum += Math.abs(prediction - target);
    },
    result: () => sum / count,
    reset: () => {
      [sum, count] = [0, 0];
    },
  };
}
