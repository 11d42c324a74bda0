import type { Metric } from 'banyan-ml';
import { type Kind, optionsOf } from 'banyan-ml/plugin';

/** The mean of prediction minus target: which way a task errs. */
function bias(): Metric<number, number> {
  let [sum, count] = [0, 0];
  return {
    name: 'bias',
    update: (target, prediction) => {
      sum += prediction - target;
      count++;
    },
    result: () => sum / count,
    reset: () => {
      [sum, count] = [0, 0];
    },
  };
}

export const biasKind: Kind<Metric<number, number>> = {
  kind: 'bias',
  about: 'The mean of prediction minus target.',
  options: optionsOf('bias', {}),
  build: bias,
};
