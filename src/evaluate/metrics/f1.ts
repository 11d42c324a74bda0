import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { type AverageOptions, averaged, averageOptions, ratio } from './averaged.ts';
import type { Labelling, Labels } from './label-counts.ts';

/**
 * Makes the metric that holds precision and recall together: their harmonic mean, `2 tp / (2 tp + fp + fn)`, from 0 to 1, as scikit-learn's
 * `f1_score`. It takes classes, masks (where it is the Dice coefficient) and tags. A class that is never right has 0; one that is
 * neither predicted nor true does not count, a tag
 * with a probability does (with 0).
 * @throws BanyanError `argument` for an option that is wrong; `data`, when it is updated, for what is neither classes nor tags.
 */
export function f1(options: AverageOptions = {}): Metric<Labels, Labelling> {
  return averaged('f1', options, ({ both, predicted, true: count }) => ratio(2 * both, predicted + count));
}

/** `f1`, as files name it. */
export const f1Kind: Kind<Metric<Labels, Labelling>, AverageOptions> = {
  kind: 'f1',
  about: 'The harmonic mean of precision and recall; of masks the Dice coefficient.',
  options: averageOptions('f1'),
  build: f1,
};
