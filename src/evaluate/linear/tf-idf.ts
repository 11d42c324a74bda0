import type { SparseRow } from './design.ts';

/** In so many training examples a term must occur: one that a single example has says nothing about others. */
const LEAST = 2;

/** Names of what occurs in an example, once for each time. */
export type Terms = readonly string[];

/**
 * Terms to rows of length 1, fitted on the training examples: how often a term occurs, times
 * `1 + ln((1 + examples) / (1 + examples that have it))` (Spärck Jones 1972; smoothed as in scikit-learn's TfidfVectorizer).
 */
export function tfIdf(training: readonly Terms[]): { columns: number; row(terms: Terms): SparseRow } {
  const examplesWith = new Map<string, number>();
  for (const terms of training) {
    for (const term of new Set(terms)) examplesWith.set(term, (examplesWith.get(term) ?? 0) + 1);
  }
  const columns = new Map<string, number>();
  const weights: number[] = [];
  for (const [term, count] of examplesWith) {
    if (count < LEAST) continue;
    columns.set(term, columns.size);
    weights.push(1 + Math.log((1 + training.length) / (1 + count)));
  }
  const row = (terms: Terms): SparseRow => {
    const values = new Map<number, number>();
    for (const term of terms) {
      const column = columns.get(term);
      if (column !== undefined) values.set(column, (values.get(column) ?? 0) + weights[column]!);
    }
    const length = Math.hypot(...values.values()) || 1;
    return {
      columns: Int32Array.from(values.keys()),
      values: Float32Array.from(values.values(), (value) => value / length),
    };
  };
  return { columns: columns.size, row };
}
