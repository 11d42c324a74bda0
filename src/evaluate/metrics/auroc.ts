import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { overLabels } from './label-odds.ts';
import type { Probabilities, Truth } from './probabilities.ts';
import { ranksOf } from './ranks.ts';

/**
 * Makes the area under the receiver operating characteristic: how often an example of a class has a higher probability of it than one of
 * another (Hanley and McNeil 1982), equal ones counted half; from 0 to 1, 0.5 for guessing, as scikit-learn's `roc_auc_score`. Of two classes
 * it is that of the second; of more, the mean over classes, each against the rest; of tags, the mean over tags. A class, or tag, that no
 * example has, or every one, does not count; NaN where none counts.
 * @throws BanyanError `data`, when it is updated, for a prediction without probabilities.
 */
export function auroc(): Metric<Truth, Probabilities> {
  return overLabels('auroc', ({ odds, isTrue }) => {
    const ranks = ranksOf(odds);
    const positives = isTrue.filter(Boolean).length;
    const negatives = isTrue.length - positives;
    const sum = ranks.reduce((total, rank, i) => (isTrue[i] ? total + rank : total), 0);
    return (sum - (positives * (positives + 1)) / 2) / (positives * negatives);
  });
}

/** `auroc`, as files name it. */
export const aurocKind: Kind<Metric<Truth, Probabilities>> = {
  kind: 'auroc',
  about: 'How often an example of a class has a higher probability of it than one of another; 0.5 for guessing.',
  options: optionsOf('auroc', {}),
  build: auroc,
};
