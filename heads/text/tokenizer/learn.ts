import { ALPHABET, charactersOf } from './byte-alphabet.ts';
import { Heap } from './heap.ts';
import { keyOf, MOST_IDS } from './merge.ts';
import { splitParts } from './split.ts';

/** A pair that occurs once is nothing to be learned from. */
const LEAST = 2;

interface Word {
  readonly count: number;
  symbols: number[];
}

interface Pair {
  readonly left: number;
  readonly right: number;
  readonly count: number;
}

/** How often each part of the texts occurs. */
export type PartCounts = ReadonlyMap<string, number>;

/** Counts the parts of one more text. */
export function countParts(counts: Map<string, number>, text: string): void {
  for (const part of splitParts(text)) counts.set(part, (counts.get(part) ?? 0) + 1);
}

/**
 * Learns which bytes and runs of bytes are merged: again and again the pair that occurs most often, until there are so many tokens, or no
 * pair occurs twice (Sennrich et al. 2016, section 3.2; over bytes: Radford et al. 2019). Of pairs that occur equally often, the one whose
 * tokens are older is merged first, so that the same texts give the same merges.
 */
export function learnMerges(parts: PartCounts, size: number): { tokens: string[]; merges: string[] } {
  const tokens = [...ALPHABET];
  const merges: string[] = [];
  const words = wordsOf(parts);
  /** How often each pair occurs, and in which words. */
  const counts = new Map<number, number>();
  const places = new Map<number, Set<Word>>();
  const add = (word: Word, sign: 1 | -1, changed?: Set<number>) => {
    for (let i = 0; i + 1 < word.symbols.length; i++) {
      const key = keyOf(word.symbols[i]!, word.symbols[i + 1]!);
      counts.set(key, (counts.get(key) ?? 0) + sign * word.count);
      changed?.add(key);
      if (sign === 1) {
        const where = places.get(key);
        if (where === undefined) places.set(key, new Set([word]));
        else where.add(word);
      }
    }
  };
  for (const word of words) add(word, 1);
  const pairs = new Heap<Pair>(isMergedBefore);
  const consider = (key: number) => {
    const count = counts.get(key)!;
    if (count >= LEAST) pairs.push({ left: Math.floor(key / MOST_IDS), right: key % MOST_IDS, count });
  };
  for (const key of counts.keys()) consider(key);
  while (tokens.length < size) {
    const pair = pairs.pop();
    if (pair === undefined) break;
    const { left, right, count } = pair;
    const key = keyOf(left, right);
    // Counted before other pairs were merged; its new count is in the heap as well.
    if (counts.get(key) !== count) continue;
    const id = tokens.push(tokens[left]! + tokens[right]!) - 1;
    merges.push(`${tokens[left]} ${tokens[right]}`);
    const changed = new Set<number>();
    for (const word of places.get(key)!) {
      add(word, -1, changed);
      word.symbols = joined(word.symbols, left, right, id);
      add(word, 1, changed);
    }
    places.delete(key);
    for (const other of changed) if (other !== key) consider(other);
  }
  return { tokens, merges };
}

const isMergedBefore = (a: Pair, b: Pair): boolean => {
  if (a.count !== b.count) return a.count > b.count;
  return a.left === b.left ? a.right < b.right : a.left < b.left;
};

function wordsOf(parts: PartCounts): readonly Word[] {
  const ids = new Map(ALPHABET.map((character, id) => [character, id]));
  return Array.from(parts, ([part, count]) => ({
    count,
    symbols: charactersOf(part).map((character) => ids.get(character)!),
  }));
}

function joined(symbols: readonly number[], left: number, right: number, id: number): number[] {
  const result: number[] = [];
  for (let i = 0; i < symbols.length; i++) {
    const isPair = symbols[i] === left && symbols[i + 1] === right;
    result.push(isPair ? id : symbols[i]!);
    if (isPair) i++;
  }
  return result;
}
