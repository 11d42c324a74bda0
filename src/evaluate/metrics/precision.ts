import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { type AverageOptions, averaged, averageOptions, ratio } from './averaged.ts';
import type { Labelling, Labels } from './label-counts.ts';

/**
 * Makes the metric of how many of the predictions of a class are right: `tp / (tp + fp)`, from 0 to 1, as scikit-learn's `precision_score`.
 * It takes classes, masks and tags. A class that is never predicted has 0; one that is neither predicted nor true does not count, a
 * tag with a probability does (with 0).
 * @throws BanyanError `argument` for an option that is wrong; `data`, when it is updated, for what is neither classes nor tags.
 */
export function precision(options: AverageOptions = {}): Metric<Labels, Labelling> {
  return averaged('precision', options, ({ both, predicted }) => ratio(both, predicted));
}

/** `precision`, as files name it. */
export const precisionKind: Kind<Metric<Labels, Labelling>, AverageOptions> = {
  kind: 'precision',
  about: 'How many of the predictions of a class, or of a tag, are right.',
  options: averageOptions('precision'),
  build: precision,
};
