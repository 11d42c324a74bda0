import { evaluate } from '../../evaluate/index.ts';
import { buildSourceTraining } from '../../experiment/build.ts';
import { withTasks } from '../../experiment/plugins/pick.ts';
import { createNetwork, Network } from '../../network/index.ts';
import type { AnyTask } from '../../task/index.ts';
import type { Metrics } from '../../train/index.ts';
import { writeJson } from '../records/json.ts';
import { type TransferContext, trainFully } from './context.ts';
import { transferPaths } from './paths.ts';
import { readSourceMetrics } from './records.ts';

/** Picks a source's tasks. */
export const sourceTasks = ({ plan, tasks }: TransferContext, name: string): readonly AnyTask[] =>
  plan.sources.get(name)!.map((task) => tasks.get(task)!);

/** Makes an untrained network with these tasks on the experiment's trunk. */
export const freshNetwork = (
  { session, trunk }: TransferContext,
  tasks: readonly AnyTask[],
  seed: number,
): Promise<Network> => createNetwork({ trunk, plugins: withTasks(session.plugins, tasks), seed });

/**
 * Trains a source network and saves it, unless that was done before: one for each source and seed. Returns what it reached on
 * held-out examples. @throws the signal's reason when it is aborted.
 */
export async function ensureSource(context: TransferContext, name: string, seed: number): Promise<Metrics> {
  const { folder, session } = context;
  const stored = await readSourceMetrics(folder, name, seed);
  if (stored !== undefined) return stored;
  const network = await freshNetwork(context, sourceTasks(context, name), seed);
  try {
    await trainFully(
      context,
      network,
      buildSourceTraining(session.loaded.experiment, context.plan.sources.get(name)!, seed, session.found.container),
    );
    const paths = transferPaths(folder);
    await network.save(paths.source(name, seed));
    const metrics = await evaluate(network);
    context.signal.throwIfAborted();
    await writeJson(paths.sourceMetrics(name, seed), metrics);
    return metrics;
  } finally {
    network.dispose();
  }
}

/** Loads the trained network of a source. */
export const loadSource = (context: TransferContext, name: string, seed: number): Promise<Network> =>
  Network.load(transferPaths(context.folder).source(name, seed), {
    plugins: withTasks(context.session.plugins, sourceTasks(context, name)),
  });
