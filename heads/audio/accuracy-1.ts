import type { Metric } from 'banyan-ml';

const TOLERANCE = 0.04;

/**
 * Makes the metric of the share of tempi that are right within 4 %: "accuracy 1" of Gouyon et al. 2006, "An experimental comparison of audio tempo
 * induction algorithms" (IEEE Transactions on Audio, Speech, and Language Processing 14). Half and twice the tempo are wrong.
 */
export function accuracy1(): Metric<number, number> {
  let [right, count] = [0, 0];
  return {
    name: 'accuracy-1',
    update: (target, prediction) => {
      count++;
      if (Math.abs(prediction - target) <= TOLERANCE * target) right++;
    },
    result: () => right / count,
    reset: () => {
      [right, count] = [0, 0];
    },
  };
}
