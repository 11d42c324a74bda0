import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import type { Classes, Decision } from './class-pairs.ts';
import { LabelCounts } from './label-counts.ts';

/**
 * Makes Matthews' correlation of true and predicted classes, from -1 to 1, for two classes and for more (Gorodkin 2004, equation 8; as
 * scikit-learn's `matthews_corrcoef`): 0 for guessing, however rare a class is. Where all targets, or all predictions, are of one class it
 * is 0.
 * @throws BanyanError `data`, when it is updated, for what is no classes.
 */
export function matthews(): Metric<Classes, Decision> {
  const counts = new LabelCounts();
  return {
    name: 'matthews',
    update: (target, prediction) => counts.addClasses('matthews', target, prediction),
    result: () => {
      let [samples, right, together, predicted, occurring] = [0, 0, 0, 0, 0];
      for (const label of counts.all()) {
        samples += label.true;
        right += label.both;
        together += label.predicted * label.true;
        predicted += label.predicted ** 2;
        occurring += label.true ** 2;
      }
      if (samples === 0) return Number.NaN;
      const spread = Math.sqrt(samples ** 2 - predicted) * Math.sqrt(samples ** 2 - occurring);
      return spread === 0 ? 0 : (right * samples - together) / spread;
    },
    reset: () => counts.clear(),
  };
}

/** `matthews`, as files name it. */
export const matthewsKind: Kind<Metric<Classes, Decision>> = {
  kind: 'matthews',
  about: "Matthews' correlation of true and predicted classes: 0 for guessing, however rare a class is.",
  options: optionsOf('matthews', {}),
  build: matthews,
};
