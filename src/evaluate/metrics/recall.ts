import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { type AverageOptions, averaged, averageOptions, ratio } from './averaged.ts';
import type { Labelling, Labels } from './label-counts.ts';

/**
 * Makes the metric of how much of a class is found: `tp / (tp + fn)`, from 0 to 1, as scikit-learn's `recall_score`. It takes classes, masks
 * and tags. A class that is predicted and never true has 0; one that is neither predicted nor true does not count, a tag
 * with a probability does (with 0).
 * @throws BanyanError `argument` for an option that is wrong; `data`, when it is updated, for what is neither classes nor tags.
 */
export function recall(options: AverageOptions = {}): Metric<Labels, Labelling> {
  return averaged('recall', options, ({ both, true: count }) => ratio(both, count));
}

/** `recall`, as files name it. */
export const recallKind: Kind<Metric<Labels, Labelling>, AverageOptions> = {
  kind: 'recall',
  about: 'How much of a class, or of a tag, is found.',
  options: averageOptions('recall'),
  build: recall,
};
