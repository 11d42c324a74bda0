import { BanyanError } from 'banyan-ml';
import type { Cell } from 'banyan-ml/data';
import { type CellPlace, cellFault, type FieldLearner } from 'banyan-ml/plugin';
import { readWord, sortWords } from './cells.ts';

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

const numbersOf = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

/** Gives the number of a class by its name; undefined where there is none. */
export function classNumber(names: readonly string[], name: string): number | undefined {
  let numbers = numbersOf.get(names);
  if (numbers === undefined) numbersOf.set(names, (numbers = new Map(names.map((known, i) => [known, i]))));
  return numbers.get(name);
}

/**
 * Gives the number of the class that a cell names.
 * @throws BanyanError `data` for one that there is not.
 */
export function readClass(cell: Exclude<Cell, null>, names: readonly string[], place: CellPlace): number {
  const name = classNameOf(cell, place);
  const number = classNumber(names, name);
  if (number !== undefined) return number;
  throw cellFault(place, `one of the classes ${names.slice(0, 20).join(', ')}`, name, 'Correct the cell.');
}

/** Gives the name of the class in a cell. @throws BanyanError `data` for a list or an object. */
export const classNameOf = (cell: Exclude<Cell, null>, place: CellPlace): string => readWord(cell, place)!.trim();
