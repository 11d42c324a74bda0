import type { Metric } from 'banyan-ml';
import { type Episode, isEpisode } from './lesson.ts';

/** Means over whole episodes; of single actions they know nothing. */
export const episodeMetrics = (names: readonly (keyof Episode)[]): readonly Metric<object, unknown>[] =>
  names.map(meanOf);

function meanOf(name: keyof Episode): Metric<object, unknown> {
  let [sum, count] = [0, 0];
  return {
    name,
    update: (lesson) => {
      if (!isEpisode(lesson)) return;
      sum += lesson[name];
      count++;
    },
    result: () => (count === 0 ? Number.NaN : sum / count),
    reset: () => {
      [sum, count] = [0, 0];
    },
  };
}
