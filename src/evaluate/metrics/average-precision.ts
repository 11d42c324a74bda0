import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { overLabels } from './label-odds.ts';
import type { Probabilities, Truth } from './probabilities.ts';

/**
 * Makes the average precision, the area under the steps of the curve of precision by recall: over all thresholds, from the highest, the
 * precision times what the recall grows by; from 0 to 1, as scikit-learn's `average_precision_score`. For guessing it is the share of the class.
 * Of two classes it is that of the second; of more, the mean over classes, each against the rest; of tags, the mean over tags. A class, or
 * tag, that no example has does not count; NaN where none counts.
 * @throws BanyanError `data`, when it is updated, for a prediction without probabilities.
 */
export function averagePrecision(): Metric<Truth, Probabilities> {
  return overLabels('average-precision', ({ odds, isTrue }) => {
    const order = odds.map((_, i) => i).sort((a, b) => odds[b]! - odds[a]!);
    const positives = isTrue.filter(Boolean).length;
    let [found, before, area] = [0, 0, 0];
    for (const [i, example] of order.entries()) {
      if (isTrue[example]) found++;
      // Equal probabilities are one threshold.
      if (odds[order[i + 1]!] === odds[example]) continue;
      area += ((found - before) / positives) * (found / (i + 1));
      before = found;
    }
    return positives === 0 ? Number.NaN : area;
  });
}

/** `averagePrecision`, as files name it. */
export const averagePrecisionKind: Kind<Metric<Truth, Probabilities>> = {
  kind: 'average-precision',
  about: 'The area under precision by recall; for guessing it is the share of the class.',
  options: optionsOf('average-precision', {}),
  build: averagePrecision,
};
