import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { editRate } from './edits.ts';
import type { References } from './references.ts';
import { type Sequence, symbolsOf } from './sequence.ts';

/**
 * Makes the metric that counts the symbols to insert, leave out or exchange until a prediction is the target (Levenshtein 1966), over the
 * symbols of all targets. Of words it is the word error rate. Less is better; it may exceed 1.
 * @throws BanyanError `data`, when it is updated, for what is no sequence.
 */
export function errorRate(): Metric<References<Sequence>, Sequence> {
  return editRate('error-rate', symbolsOf);
}

/** `errorRate`, as files name it. */
export const errorRateKind: Kind<Metric<References<Sequence>, Sequence>> = {
  kind: 'error-rate',
  about: 'The symbols to change until a sequence is the target, over the symbols of the target.',
  options: optionsOf('error-rate', {}),
  build: errorRate,
};
