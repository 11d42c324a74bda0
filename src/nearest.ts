import { BanyanError } from './error.ts';

/** No word has more letters than this, and no user reads a longer list than that. */
const [MOST_LETTERS, MOST_NAMES] = [100, 40];

/** Lists names in an error: all of some, the first of many. */
export function listed(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES;
  return rest <= 0 ? names.join(', ') : `${names.slice(0, MOST_NAMES).join(', ')} and ${rest} more`;
}

/** Counts the edits (insert, delete, replace, swap neighbours) between two words: the optimal string alignment distance. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(previous[j]! + 1, row[j - 1]! + 1, replaced);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j]!, before[j - 2]! + 1);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}

/** Finds the candidate that was probably meant, if one is near enough. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > MOST_LETTERS) return undefined;
  const lower = word.toLowerCase();
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    // So many letters have to come or go.
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const edits = distance(lower, candidate.toLowerCase());
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best;
}

/** Words the mend for a word that is none of the candidates: `Did you mean "batch"?`, or `otherwise`. */
export function didYouMean(word: string, candidates: readonly string[], otherwise: string): string {
  const meant = nearest(word, candidates);
  return meant === undefined ? otherwise : `Did you mean "${meant}"?`;
}

/**
 * Checks names of tasks.
 * @throws BanyanError `argument` that names the first one that is no task, and the nearest task.
 */
export function assertTaskNames(what: string, names: readonly string[], tasks: readonly string[]): void {
  for (const name of names) {
    if (tasks.includes(name)) continue;
    const expected = `Expected names of tasks: ${listed(tasks)}`;
    throw new BanyanError(
      'argument',
      `${what}: there is no task "${name}" here. ${expected}. ${didYouMean(name, tasks, 'Remove it.')}`,
    );
  }
}
