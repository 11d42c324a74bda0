import { check, count, optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { classOdds, type Probabilities } from './probabilities.ts';

/**
 * Makes the share of examples whose true class is among the k likeliest, from 0 to 1, as scikit-learn's `top_k_accuracy_score`. Of classes
 * that are equally likely the first counts as likelier, as in `classifier`, so that k = 1 is its accuracy. It is 1 where there are no
 * more than k classes.
 * @throws BanyanError `argument` for a k that is no whole number from 1; `data`, when it is updated, for a prediction without
 * probabilities.
 */
export function topKAccuracy(k: number): Metric<number, Probabilities> {
  check('topKAccuracy', { k }, count);
  let [right, examples] = [0, 0];
  return {
    name: `top-${k}-accuracy`,
    update: (target, prediction) => {
      const { label, odds } = classOdds('top-k-accuracy', target, prediction);
      const likelier = Array.from(odds).filter((p, i) => p > odds[label]! || (p === odds[label] && i < label)).length;
      examples++;
      if (likelier < k) right++;
    },
    result: () => right / examples,
    reset: () => {
      [right, examples] = [0, 0];
    },
  };
}

/** `topKAccuracy`, as files name it. */
export const topKAccuracyKind: Kind<Metric<number, Probabilities>, { readonly k: number }> = {
  kind: 'top-k-accuracy',
  about: 'The share of examples whose true class is among the k likeliest.',
  options: optionsOf('top-k-accuracy', { k: count.describe('so many classes may be named') }),
  build: ({ k }) => topKAccuracy(k),
};
