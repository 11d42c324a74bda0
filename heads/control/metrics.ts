import type { Metric } from 'banyan-ml';
import { type Episode, isEpisode } from './experience.ts';

/** Means over whole episodes, and the standard error of the mean return; of single actions they know nothing. */
export const episodeMetrics = (names: readonly (keyof Episode)[]): readonly Metric<object, unknown>[] => [
  ...names.map(meanOf),
  standardError(),
];

/** Makes the metric of how many steps of an episode had a reward above 0, on average. */
export const rewarded = (): Metric<object, unknown> => meanOf('rewarded');

/** Makes the metric of how many steps of an episode had a reward below 0, on average. */
export const punished = (): Metric<object, unknown> => ({ ...meanOf('punished'), higherIsBetter: false });

function meanOf(name: keyof Episode): Metric<object, unknown> {
  let [sum, count] = [0, 0];
  return {
    name,
    update: (target) => {
      if (!isEpisode(target)) return;
      sum += target[name] ?? 0;
      count++;
    },
    result: () => (count === 0 ? Number.NaN : sum / count),
    reset: () => {
      [sum, count] = [0, 0];
    },
  };
}

/** Deviation of the returns over the root of their number; 0 for a single one. */
function standardError(): Metric<object, unknown> {
  let returns: number[] = [];
  return {
    name: 'standard-error',
    higherIsBetter: false,
    update: (target) => {
      if (isEpisode(target)) returns.push(target.return);
    },
    result: () => {
      const count = returns.length;
      const mean = returns.reduce((a, b) => a + b, 0) / count;
      return Math.sqrt(returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, count - 1) / count);
    },
    reset: () => {
      returns = [];
    },
  };
}
