import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { byPlace } from './by-place.ts';
import { Moments } from './moments.ts';
import type { Numbers } from './numbers.ts';

/**
 * Makes the coefficient of determination: how much of the targets' variance the predictions tell, `1 - Σ (target - prediction)² /
 * Σ (target - mean)²`, as scikit-learn's `r2_score`. It is 1 for what is right, 0 for always predicting the mean, and below 0 for worse. Where
 * all targets are equal it is 1 for what is right, else 0. NaN for fewer than two targets. Where targets are lists, it is the mean of that
 * of each number; NaN in a target is a number that is missing.
 * @throws BanyanError `data`, when it is updated, for what is no number.
 */
export function rSquared(): Metric<Numbers, Numbers> {
  return byPlace('r-squared', () => {
    const moments = new Moments();
    let errors = 0;
    return {
      add: (target, prediction) => {
        moments.add(target, prediction);
        errors += (target - prediction) ** 2;
      },
      result: () => {
        if (moments.count < 2) return Number.NaN;
        if (moments.squaresOfX === 0) return errors === 0 ? 1 : 0;
        return 1 - errors / moments.squaresOfX;
      },
    };
  });
}

/** `rSquared`, as files name it. */
export const rSquaredKind: Kind<Metric<Numbers, Numbers>> = {
  kind: 'r-squared',
  about: 'How much of the variance of the targets the predictions tell: 1 is all, 0 what the mean alone tells.',
  options: optionsOf('r-squared', {}),
  build: rSquared,
};
