import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { type Sequence, symbolsOf } from './sequence.ts';

/**
 * Makes the metric that counts the share of the sequences that are right in every symbol, from 0 to 1.
 * @throws BanyanError `data`, when it is updated, for what is no sequence.
 */
export function exactMatch(): Metric<Sequence, Sequence> {
  let [right, count] = [0, 0];
  return {
    name: 'exact-match',
    update: (target, prediction) => {
      const [expected, predicted] = [symbolsOf(target), symbolsOf(prediction)];
      count++;
      if (expected.length === predicted.length && expected.every((symbol, i) => symbol === predicted[i])) right++;
    },
    result: () => right / count,
    reset: () => {
      [right, count] = [0, 0];
    },
  };
}

/** `exactMatch`, as files name it. */
export const exactMatchKind: Kind<Metric<Sequence, Sequence>> = {
  kind: 'exact-match',
  about: 'The share of the sequences that are right in every symbol.',
  options: optionsOf('exact-match', {}),
  build: exactMatch,
};
