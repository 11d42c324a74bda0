import type { Head, Metric } from '../task/contract.ts';

/** Takes the predictions of one task, one after the other, and gives the figures of its metrics. */
export interface Tally {
  update(target: unknown, prediction: unknown): void;
  /** By the metric's name. */
  result(): Readonly<Record<string, number>>;
}

/**
 * The tallies of heads that are measured at once, in their order. A metric adds up what it sees, so where two heads hold the
 * same one, it sees all of the one's predictions before the other's: they are kept until then.
 */
export function talliesOf(heads: readonly Pick<Head<unknown, unknown>, 'metrics'>[]): readonly Tally[] {
  const holders = (metric: Metric) => heads.filter(({ metrics }) => metrics.includes(metric)).length;
  return heads.map(({ metrics }) => {
    const tally = tallyOf([...new Set(metrics)]);
    return metrics.some((metric) => holders(metric) > 1) ? later(tally) : tally();
  });
}

const tallyOf = (metrics: readonly Metric[]) => (): Tally => {
  for (const metric of metrics) metric.reset();
  return {
    update: (target, prediction) => {
      for (const metric of metrics) metric.update(target, prediction);
    },
    result: () => Object.fromEntries(metrics.map((metric) => [metric.name, metric.result()])),
  };
};

function later(begin: () => Tally): Tally {
  const seen: (readonly [target: unknown, prediction: unknown])[] = [];
  return {
    update: (target, prediction) => void seen.push([target, prediction]),
    result: () => {
      const tally = begin();
      for (const [target, prediction] of seen) tally.update(target, prediction);
      return tally.result();
    },
  };
}
