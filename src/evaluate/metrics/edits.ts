import type { Metric } from '../../task/contract.ts';
import { type References, referencesOf } from './references.ts';

/**
 * Makes a metric that counts the symbols to insert, leave out or exchange until a prediction is the target, over the symbols of all targets;
 * of several references the one that is nearest, and the first of those. Where these have none, it is infinite if something is predicted,
 * else NaN.
 */
export function editRate<Input>(
  name: string,
  symbolsOf: (sequence: Input) => readonly unknown[],
): Metric<References<Input>, Input> {
  let [edits, symbols] = [0, 0];
  return {
    name,
    higherIsBetter: false,
    update: (target, prediction) => {
      const predicted = symbolsOf(prediction);
      const [nearest] = referencesOf(target)
        .map((reference) => symbolsOf(reference as Input))
        .map((expected) => ({ edits: distance(expected, predicted), symbols: expected.length }))
        .sort((a, b) => a.edits - b.edits);
      edits += nearest!.edits;
      symbols += nearest!.symbols;
    },
    result: () => edits / symbols,
    reset: () => {
      [edits, symbols] = [0, 0];
    },
  };
}

/** The least number of edits that make one sequence the other (Levenshtein 1966). */
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
