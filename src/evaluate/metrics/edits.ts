import type { Metric } from '../../task/contract.ts';

/**
 * Makes a metric that counts the symbols to insert, leave out or exchange until a prediction is the target, over the symbols of all targets.
 * Where these have none, it is infinite if something is predicted, else NaN.
 */
export function editRate<Input>(
  name: string,
  symbolsOf: (sequence: Input) => readonly unknown[],
): Metric<Input, Input> {
  let [edits, symbols] = [0, 0];
  return {
    name,
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
