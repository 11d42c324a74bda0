import { blaming } from '../../task/blame.ts';
import type { Metric } from '../../task/contract.ts';

/** The metrics of a head, and what an error calls it. */
interface Measured {
  readonly scope: string;
  readonly metrics: readonly Metric[];
}

/** Takes the predictions of one task, one after the other, and gives the figures of its metrics. */
export interface Tally {
  /** `place`: what an error calls the example. */
  update(target: unknown, prediction: unknown, place: string): void;
  /** By the metric's name. */
  result(): Readonly<Record<string, number>>;
}

/**
 * The tallies of heads that are measured at once, in their order. A metric adds up what it sees, so where two heads hold the
 * same one, it sees all of the one's predictions before the other's: they are kept until then.
 */
export function talliesOf(heads: readonly Measured[]): readonly Tally[] {
  const holders = (metric: Metric) => heads.filter(({ metrics }) => metrics.includes(metric)).length;
  return heads.map(({ scope, metrics }) => {
    const tally = tallyOf(scope, [...new Set(metrics)]);
    return metrics.some((metric) => holders(metric) > 1) ? later(tally) : tally();
  });
}

const tallyOf = (scope: string, metrics: readonly Metric[]) => (): Tally => {
  const whose = (member: string, { name }: Metric) => `${scope}: ${member}() of metric "${name}"`;
  for (const metric of metrics) blaming(whose('reset', metric), 'to count anew', () => metric.reset());
  return {
    update: (target, prediction, place) => {
      for (const metric of metrics)
        blaming(`${whose('update', metric)} with ${place}`, 'to count it', () => metric.update(target, prediction));
    },
    result: () =>
      Object.fromEntries(
        metrics.map((metric) => [metric.name, blaming(whose('result', metric), 'a number', () => metric.result())]),
      ),
  };
};

function later(begin: () => Tally): Tally {
  const seen: Parameters<Tally['update']>[] = [];
  return {
    update: (...update) => void seen.push(update),
    result: () => {
      const tally = begin();
      for (const update of seen) tally.update(...update);
      return tally.result();
    },
  };
}
