import type { Cell } from 'banyan-ml/data';
import type { CellPlace, FieldLearner } from 'banyan-ml/plugin';

/**
 * Learns which words stand in training rows at least so many times; its facts are a sorted list of them.
 * @param wordsOf gives the words of a cell, and throws for one that is not of its kind, in whichever split.
 */
export function learnWords(
  minimumCount: number,
  wordsOf: (cell: Exclude<Cell, null>, place: CellPlace) => readonly string[],
): FieldLearner {
  const counts = new Map<string, number>();
  return {
    see: ([cell = null], place, split) => {
      if (cell === null) return;
      const words = wordsOf(cell, place);
      if (split !== 'training') return;
      for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    },
    facts: () =>
      [...counts]
        .filter(([, times]) => times >= minimumCount)
        .map(([word]) => word)
        .sort((a, b) => (a < b ? -1 : 1)),
  };
}
