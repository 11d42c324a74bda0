import { BanyanError } from '../error.ts';

/**
 * Counts how often each true class (row) was predicted as each class (column): `classes x classes` counts.
 * @throws BanyanError `argument` for lists of different length, or a class outside 0 … classes - 1.
 */
export function confusionMatrix(
  targets: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number,
): number[][] {
  if (targets.length !== predictions.length) {
    throw new BanyanError(
      'argument',
      `confusionMatrix: ${targets.length} targets and ${predictions.length} predictions, expected equally many. Give one prediction per target.`,
    );
  }
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < targets.length; i++) {
    const row = counts[targets[i]!];
    if (row?.[predictions[i]!] === undefined) {
      throw new BanyanError(
        'argument',
        `confusionMatrix: expected classes from 0 to ${classes - 1}, received target ${targets[i]} and prediction ${predictions[i]} at index ${i}. Give these classes, or another number of classes.`,
      );
    }
    row[predictions[i]!]!++;
  }
  return counts;
}
