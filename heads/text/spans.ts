const OUTSIDE = 'O';

/** Whether labels mark spans: `O` outside, `B-type` at a beginning, `I-type` further inside (Ramshaw and Marcus 1995, as IOB2). */
export const marksSpans = (labels: readonly string[]): boolean => labels.every((label) => /^(O|[BI]-.+)$/s.test(label));

/** Whether a label may follow another, or stand first: what is inside a span has the span before it. */
function mayFollow(label: string, before: string | undefined): boolean {
  if (!label.startsWith('I-')) return true;
  return before !== undefined && before !== OUTSIDE && before.slice(2) === label.slice(2);
}

/**
 * Finds the likeliest sequence of labels in which every span has a beginning (Viterbi 1967): the sum of its log-probabilities is the
 * greatest. Without marks of spans each word has its likeliest label.
 * @param scores log-probabilities, or logits, of the labels for each word: `[words][labels]`.
 * @returns the place of each word's label.
 */
export function likeliestLabels(scores: readonly ArrayLike<number>[], labels: readonly string[]): number[] {
  const free = !marksSpans(labels);
  const allowed = (label: number, before?: number) =>
    free || mayFollow(labels[label]!, before === undefined ? undefined : labels[before]);
  const origins: number[][] = [];
  let sums: number[] = [];
  for (const [word, row] of scores.entries()) {
    const from: number[] = [];
    const next = labels.map((_, label) => {
      if (word === 0) return allowed(label) ? row[label]! : Number.NEGATIVE_INFINITY;
      let best = -1;
      for (let before = 0; before < labels.length; before++) {
        if (allowed(label, before) && (best < 0 || sums[before]! > sums[best]!)) best = before;
      }
      from.push(best);
      return best < 0 ? Number.NEGATIVE_INFINITY : sums[best]! + row[label]!;
    });
    if (word > 0) origins.push(from);
    sums = next;
  }
  if (scores.length === 0) return [];
  const path = [sums.indexOf(Math.max(...sums))];
  for (const from of origins.reverse()) path.unshift(from[path[0]!]!);
  return path;
}
