import { BanyanError } from 'banyan-ml';
import type { Cell } from 'banyan-ml/data';
import type { CellPlace, FieldLearner } from 'banyan-ml/plugin';
import { sortWords } from './cells.ts';

/** The names of classes, and how many training rows have each. */
export type ClassFacts = {
  readonly names: readonly string[];
  readonly counts: readonly number[];
};

/** More classes than this are no classes. */
const MOST = 10_000;

/**
 * Learns the names of classes of all rows, and counts those of the training rows. A class that no training row has is told by a warning: the
 * network can never learn it.
 */
export function learnClasses(
  namesOf: (cell: Exclude<Cell, null>, place: CellPlace) => readonly string[],
): FieldLearner {
  const counts = new Map<string, number>();
  let where = '';
  return {
    see: ([cell = null], place, split) => {
      where = `column "${place.columns[0]}"`;
      if (cell === null) return;
      for (const name of namesOf(cell, place))
        counts.set(name, (counts.get(name) ?? 0) + (split === 'training' ? 1 : 0));
      if (counts.size > MOST) {
        throw new BanyanError(
          'data',
          `${place.row}, ${where}: expected at most ${MOST} classes, received more. Take a target with fewer, or \`kind: number\` or \`kind: text\`.`,
        );
      }
    },
    facts: (): ClassFacts => {
      const names = sortWords(counts.keys());
      const unseen = names.filter((name) => counts.get(name) === 0);
      if (unseen.length > 0) {
        process.emitWarning(
          `${where}: no training row has ${unseen.map((name) => `"${name}"`).join(', ')}, which other rows have. Expected each class among the training rows, since it cannot be learned else. Split otherwise, or give more rows.`,
          'BanyanWarning',
        );
      }
      return { names, counts: names.map((name) => counts.get(name)!) };
    },
  };
}

/** Makes the weights by which each class counts alike: rows / (classes * rows of the class), as scikit-learn's `balanced`. */
export function balancedWeights({ counts }: ClassFacts): number[] {
  const rows = counts.reduce((a, b) => a + b, 0);
  const seen = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 0 : rows / (seen * count)));
}
