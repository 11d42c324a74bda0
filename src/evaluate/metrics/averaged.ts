import { checkOptions, oneOf, optionsOf, wholeNumber } from '../../check.ts';
import type { Metric } from '../../task/contract.ts';
import { type Counts, LabelCounts, type Labelling, type Labels } from './label-counts.ts';

/** Options of `precision`, `recall` and `f1`. */
export interface AverageOptions {
  /**
   * - `macro`: the mean over classes, each counted alike.
   * - `weighted`: the mean over classes, each counted as often as it is true.
   * - `micro`: of all decisions together; for classes that exclude each other it is the accuracy.
   * - `binary`: of the class `positive` alone.
   *
   * Default `macro`.
   */
  readonly average?: 'macro' | 'micro' | 'weighted' | 'binary';
  /** The class, or the tag, that `binary` is about. Default 1. */
  readonly positive?: number;
}

/** Makes the schema of these options. */
export const averageOptions = (owner: string) =>
  optionsOf(owner, {
    average: oneOf('macro', 'micro', 'weighted', 'binary')
      .default('macro')
      .describe(
        'macro: the mean over classes; weighted: by how often each is true; micro: of all decisions together; binary: of the class positive alone',
      ),
    positive: wholeNumber(0).default(1).describe('the class, or the tag, that binary is about'),
  });

/** Makes a metric of the counts of each class or tag. `score` is that of one of them, or of their sums. */
export function averaged(
  owner: string,
  options: AverageOptions,
  score: (counts: Counts) => number,
): Metric<Labels, Labelling> {
  const { average, positive } = checkOptions(owner, averageOptions(owner), options);
  const counts = new LabelCounts();
  const nameOf = { macro: owner, micro: `${owner}-micro`, weighted: `${owner}-weighted`, binary: `${owner}-binary` };
  return {
    name: average === 'binary' && positive !== 1 ? `${owner}-binary-${positive}` : nameOf[average],
    update: (target, prediction) => counts.add(owner, target, prediction),
    result: () => {
      const all = counts.all();
      if (all.length === 0) return Number.NaN;
      if (average === 'binary') return score(counts.of(owner, positive));
      if (average === 'micro')
        return score({ predicted: sum(all, 'predicted'), true: sum(all, 'true'), both: sum(all, 'both') });
      if (average === 'macro') return all.reduce((total, label) => total + score(label), 0) / all.length;
      return ratio(
        all.reduce((total, label) => total + label.true * score(label), 0),
        sum(all, 'true'),
      );
    },
    reset: () => counts.clear(),
  };
}

/** A share, and 0 where there is nothing to have a share of, as in scikit-learn. */
export const ratio = (count: number, total: number): number => (total === 0 ? 0 : count / total);

const sum = (all: readonly Counts[], member: keyof Counts) => all.reduce((total, counts) => total + counts[member], 0);
