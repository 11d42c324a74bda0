import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { type Sequence, symbolsOf } from './sequence.ts';

/**
 * Makes the metric that counts the symbols to insert, leave out or exchange until a prediction is the target (Levenshtein 1966), over the
 * symbols of all targets. Of words it is the word error rate. Less is better; it may exceed 1.
 */
export function errorRate(): Metric<Sequence, Sequence> {
  let [edits, symbols] = [0, 0];
  return {
    name: 'error-rate',
    higherIsBetter: false,
    update: (target, prediction) => {
      const expected = symbolsOf(target);
      edits += distance(expected, symbolsOf(prediction));
      symbols += expected.length;
    },
    result: () => edits / symbols,
    reset: () => {
      [edits, symbols] = [0, 0];
    },
  };
}

/** The least number of edits that make one sequence the other. */
function distance(a: readonly unknown[], b: readonly unknown[]): number {
  // Of each beginning of b to what was seen of a.
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, symbol] of a.entries()) {
    const next = [i + 1];
    for (const [j, other] of b.entries())
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + Number(symbol !== other)));
    row = next;
  }
  return row.at(-1)!;
}

/** `errorRate`, as files name it. */
export const errorRateKind: Kind<Metric<Sequence, Sequence>> = {
  kind: 'error-rate',
  about: 'The symbols to change until a sequence is the target, over the symbols of the target.',
  options: optionsOf('error-rate', {}),
  build: errorRate,
};
