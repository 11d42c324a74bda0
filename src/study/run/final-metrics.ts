import type { Team } from '../../cluster/index.ts';
import { internals, measure, measuredSplit, type Network, openSource } from '../../network/index.ts';
import type { MeasuredSplits } from '../../report/index.ts';
import type { Metrics } from '../../train/index.ts';

/** What the chief tells the others after a training: whether it is complete, and its network is measured. */
export const COMPLETE = 'whether the run is complete';

/** Measures the tasks that have held-out examples, each on its split; with others, each a share of them. */
export async function finalMetrics(
  network: Network,
  sourceTimeout: number | undefined,
  team: Team | undefined,
): Promise<{ metrics: Metrics; splits: MeasuredSplits }> {
  // Those of the columns before were not trained.
  for (const { name, source } of network.tasks) await openSource(name, source);
  const tasks = network.tasks.filter(({ source }) => {
    const count = source.counts[measuredSplit(source)];
    return count > 0 && Number.isFinite(count);
  });
  const { body, lease } = internals(network);
  const options = { tasks: tasks.map(({ name }) => name), sourceTimeout, team };
  return {
    metrics: tasks.length === 0 ? {} : await lease.use(() => measure(body, options)),
    splits: Object.fromEntries(tasks.map(({ name, source }) => [name, measuredSplit(source)])),
  };
}
