import { BanyanError } from './error.ts';

/** Edits (insert, delete, replace, swap neighbours) between two words: the optimal string alignment distance. */
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

/** The known word that was probably meant, if one is near enough. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const ranked = known
    .map((candidate) => ({ candidate, edits: distance(lower, candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : undefined;
}

/** The mend for a word that is not known: `Did you mean "batch"?`, or `otherwise`. */
export function didYouMean(word: string, known: readonly string[], otherwise: string): string {
  const meant = nearest(word, known);
  return meant === undefined ? otherwise : `Did you mean "${meant}"?`;
}

/**
 * Checks the names of tasks by which something is given.
 * @throws BanyanError `argument` that names the first one that is no task, and the nearest task.
 */
export function assertTaskNames(what: string, names: readonly string[], tasks: readonly string[]): void {
  for (const name of names) {
    if (tasks.includes(name)) continue;
    const expected = `Expected names of tasks: ${tasks.join(', ')}`;
    throw new BanyanError(
      'argument',
      `${what}: there is no task "${name}" here. ${expected}. ${didYouMean(name, tasks, 'Remove it.')}`,
    );
  }
}
