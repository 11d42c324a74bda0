import type { Cell } from 'banyan-ml/data';
import { type CellPlace, cellFault, type FieldLearner } from 'banyan-ml/plugin';

/** Gives the text of a cell. @throws BanyanError `data` for a list or an object. */
export function textIn(cell: Exclude<Cell, null>, place: CellPlace): string {
  if (typeof cell !== 'object') return String(cell);
  throw cellFault(place, 'a text', cell, 'Correct the cell, or take another kind.');
}

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
