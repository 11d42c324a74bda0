import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { type Classes, classPairs, type Decision } from './class-pairs.ts';

/**
 * Makes the metric that counts the share of the predictions that name the true class, from 0 to 1; of masks and sequences of classes, the
 * share of the places, without those of the label -1.
 * @throws BanyanError `data`, when it is updated, for what is no classes.
 */
export function accuracy(): Metric<Classes, Decision> {
  let right = 0;
  let count = 0;
  return {
    name: 'accuracy',
    update: (target, prediction) => {
      for (const [label, other] of classPairs('accuracy', target, prediction)) {
        count++;
        if (label === other) right++;
      }
    },
    result: () => right / count,
    reset: () => {
      right = count = 0;
    },
  };
}

/** `accuracy`, as files name it. */
export const accuracyKind: Kind<Metric<Classes, Decision>> = {
  kind: 'accuracy',
  about: 'The share of the predictions that name the true class; of masks, the share of the places.',
  options: optionsOf('accuracy', {}),
  build: accuracy,
};
