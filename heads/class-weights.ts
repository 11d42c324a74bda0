import { BanyanError } from 'banyan-ml';

/**
 * Gives each class the weight by which all count alike, however often they occur: `n / (classes * count)` of n examples (King and Zeng 2001),
 * as scikit-learn's `compute_class_weight('balanced')`. A class that never occurs has the weight of one that occurs once.
 * @param counts how often each class occurs in the training split.
 * @throws BanyanError `argument` for counts that are no whole numbers >= 0, or all 0.
 */
export function balancedWeights(counts: readonly number[]): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (!(total > 0) || !counts.every((count) => Number.isInteger(count) && count >= 0)) {
    throw new BanyanError(
      'argument',
      `balancedWeights: expected how often each class occurs, whole numbers of which one is above 0, received [${counts.join(', ')}]. Count the labels of the training split.`,
    );
  }
  return counts.map((count) => total / (counts.length * Math.max(1, count)));
}
