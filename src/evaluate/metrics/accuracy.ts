import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';

/** Makes the metric that counts the share of the predictions that name the true class, from 0 to 1. */
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

/** `accuracy`, as files name it. */
export const accuracyKind: Kind<Metric<number, { readonly class: number }>> = {
  kind: 'accuracy',
  about: 'The share of the predictions that name the true class.',
  options: optionsOf('accuracy', {}),
  build: accuracy,
};
