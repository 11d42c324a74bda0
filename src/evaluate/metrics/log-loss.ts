import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { classOdds, type Probabilities, type Truth, tagOdds } from './probabilities.ts';

/** A probability of 0 counts as the spacing of such numbers around 1, as in scikit-learn: one wrong certainty is no infinity. */
const leastOf = ({ probabilities }: Probabilities) => (probabilities instanceof Float32Array ? 2 ** -23 : 2 ** -52);

/**
 * Makes the mean of the negative logarithm of the probability of what is true, in nats, as scikit-learn's `log_loss`: of the true class; of
 * tags, of whether each is there, over all tags that are known. Less is better; `ln(classes)` is knowing nothing. Probabilities are
 * taken to lie between e and 1 - e, where e is 2^-23 for float32 numbers and 2^-52 for others.
 * @throws BanyanError `data`, when it is updated, for a prediction without probabilities.
 */
export function logLoss(): Metric<Truth, Probabilities> {
  let [sum, count] = [0, 0];
  const add = (probability: number, least: number) => {
    count++;
    sum -= Math.log(Math.max(least, Math.min(1 - least, probability)));
  };
  return {
    name: 'log-loss',
    higherIsBetter: false,
    update: (target, prediction) => {
      if (typeof target === 'number') {
        const { label, odds } = classOdds('log-loss', target, prediction);
        add(odds[label]!, leastOf(prediction));
      } else
        for (const { there, odds } of tagOdds('log-loss', target, prediction))
          add(there ? odds : 1 - odds, leastOf(prediction));
    },
    result: () => sum / count,
    reset: () => {
      [sum, count] = [0, 0];
    },
  };
}

/** `logLoss`, as files name it. */
export const logLossKind: Kind<Metric<Truth, Probabilities>> = {
  kind: 'log-loss',
  about: 'How unlikely the truth was by the probabilities, in nats: sure and wrong costs most.',
  options: optionsOf('log-loss', {}),
  build: logLoss,
};
