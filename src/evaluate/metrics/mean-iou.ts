import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import type { Classes, Decision } from './class-pairs.ts';
import { LabelCounts } from './label-counts.ts';

/**
 * Makes the metric of segmentations: for each class the places that are right over those that it was predicted at or true of,
 * `tp / (tp + fp + fn)` over all examples together, and of these the mean, from 0 to 1 (Everingham et al. 2010; the mean of scikit-learn's
 * `jaccard_score`). Places with the label -1 do not count, nor does a class that is neither predicted nor true.
 * @throws BanyanError `data`, when it is updated, for what is no classes.
 */
export function meanIou(): Metric<Classes, Decision> {
  const counts = new LabelCounts();
  return {
    name: 'mean-iou',
    update: (target, prediction) => counts.addClasses('mean-iou', target, prediction),
    result: () => {
      const all = counts.all();
      const sum = all.reduce((total, { both, predicted, true: count }) => total + both / (predicted + count - both), 0);
      return sum / all.length;
    },
    reset: () => counts.clear(),
  };
}

/** `meanIou`, as files name it. */
export const meanIouKind: Kind<Metric<Classes, Decision>> = {
  kind: 'mean-iou',
  about: 'The overlap of the predicted and the true places of a class over their union, in the mean over classes.',
  options: optionsOf('mean-iou', {}),
  build: meanIou,
};
