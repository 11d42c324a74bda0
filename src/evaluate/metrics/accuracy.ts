import type { Metric } from '../../task/contract.ts';

/** Part of the predictions that name the true class, 0 to 1. */
export function accuracy(): Metric<number, { readonly class: number }> {
  let right = 0;
  let count = 0;
  return {
    name: 'accuracy',
    update: (target, prediction) => {
      count++;
      if (prediction.class === target) right++;
    },
    result: () => right / count,
    reset: () => {
      right = count = 0;
    },
  };
}
