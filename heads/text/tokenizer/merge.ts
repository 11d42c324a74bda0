import { Heap } from './heap.ts';

/** By the ids of a pair's halves, as `keyOf` writes them: its rank and the token that it becomes. */
export type Merges = ReadonlyMap<number, { readonly rank: number; readonly id: number }>;

/** A vocabulary has fewer ids than this. */
export const MOST_IDS = 2 ** 26;

/** Writes a pair as one number. */
export const keyOf = (left: number, right: number): number => left * MOST_IDS + right;

interface Candidate {
  readonly rank: number;
  readonly at: number;
  readonly id: number;
  /** What stood there: a candidate whose halves were merged by another one is gone. */
  readonly left: number;
  readonly right: number;
}

/**
 * Merges the pairs of a part, the one of the lowest rank first, and of equal ones the first (Sennrich et al. 2016, section 3.2). It takes
 * n log n, however long a word is.
 */
export function mergePairs(ids: readonly number[], merges: Merges): number[] {
  const symbols = [...ids];
  // -1: merged into an earlier one.
  const next = symbols.map((_, i) => i + 1);
  const previous = symbols.map((_, i) => i - 1);
  const candidates = new Heap<Candidate>((a, b) => a.rank < b.rank || (a.rank === b.rank && a.at < b.at));
  const consider = (at: number) => {
    const after = next[at];
    if (at < 0 || after === undefined || after >= symbols.length) return;
    const [left, right] = [symbols[at]!, symbols[after]!];
    const merge = merges.get(keyOf(left, right));
    if (merge !== undefined) candidates.push({ ...merge, at, left, right });
  };
  for (let at = 0; at < symbols.length - 1; at++) consider(at);
  for (let best = candidates.pop(); best !== undefined; best = candidates.pop()) {
    const { at, id, left, right } = best;
    const after = next[at]!;
    if (symbols[at] !== left || after >= symbols.length || symbols[after] !== right) continue;
    symbols[at] = id;
    symbols[after] = -1;
    next[at] = next[after]!;
    if (next[at]! < symbols.length) previous[next[at]!] = at;
    consider(previous[at]!);
    consider(at);
  }
  return symbols.filter((symbol) => symbol !== -1);
}
