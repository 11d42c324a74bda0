import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { type References, referencesOf } from './references.ts';
import { type Sequence, symbolsOf } from './sequence.ts';

/**
 * Makes the metric that counts the share of the sequences that are right in every symbol, from 0 to 1; of several references any
 * may be the one.
 * @throws BanyanError `data`, when it is updated, for what is no sequence.
 */
export function exactMatch(): Metric<References<Sequence>, Sequence> {
  let [right, count] = [0, 0];
  return {
    name: 'exact-match',
    update: (target, prediction) => {
      const predicted = symbolsOf(prediction);
      const isRight = (expected: readonly unknown[]) =>
        expected.length === predicted.length && expected.every((symbol, i) => symbol === predicted[i]);
      count++;
      if (referencesOf(target).map(symbolsOf).some(isRight)) right++;
    },
    result: () => right / count,
    reset: () => {
      [right, count] = [0, 0];
    },
  };
}

/** `exactMatch`, as files name it. */
export const exactMatchKind: Kind<Metric<References<Sequence>, Sequence>> = {
  kind: 'exact-match',
  about: 'The share of the sequences that are right in every symbol.',
  options: optionsOf('exact-match', {}),
  build: exactMatch,
};
