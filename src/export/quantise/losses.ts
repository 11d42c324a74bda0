import { BanyanError } from '../../error.ts';
import { measure, measuredSplit, type NetworkBody } from '../../network/index.ts';
import type { QuantisedNetwork } from './quantise.ts';
import type { Quantisation } from './store.ts';

/** So many held-out examples tell what a metric loses. */
const MEASURED = 1000;

/** What a task's metric is with all weights in float32, and with those that are exported. */
export interface MetricChange {
  readonly metric: string;
  readonly before: number;
  readonly after: number;
}

/**
 * Measures what the tasks lose by weights of fewer bits, each by its head's first metric on at most 1000 held-out examples: of the test split,
 * where there is one. A task without held-out examples or without a metric is left out.
 * @throws BanyanError `argument` for a task that loses more than `mayLose` of its metric.
 */
export async function measureLosses(
  body: NetworkBody,
  names: readonly string[],
  { instead }: QuantisedNetwork,
  { quantise, mayLose }: { readonly quantise: Quantisation; readonly mayLose: number },
): Promise<Readonly<Record<string, MetricChange>>> {
  const tasks = names
    .map((name) => body.task(name))
    .filter(({ definition: { source }, metrics }) => {
      const count = source.counts[measuredSplit(source)];
      return metrics.length > 0 && count > 0 && Number.isFinite(count);
    });
  const options = { tasks: tasks.map(({ name }) => name), examples: MEASURED };
  const before = await measure(body, options);
  const after = await measure(body, { ...options, instead });
  const changes = tasks.map(({ name, metrics: [metric] }) => {
    const { name: figure, higherIsBetter = true } = metric!;
    const change = { metric: figure, before: before[name]![figure]!, after: after[name]![figure]! };
    const lost = higherIsBetter ? change.before - change.after : change.after - change.before;
    if (lost > mayLose * Math.abs(change.before)) {
      throw new BanyanError(
        'argument',
        `Task "${name}": with ${quantise} weights its ${figure} is ${change.after} in place of ${change.before}, expected to lose at most ${mayLose} of it. Store the weights in more bits, or say how much may be lost (\`mayLose\`).`,
      );
    }
    return [name, change] as const;
  });
  return Object.fromEntries(changes);
}
