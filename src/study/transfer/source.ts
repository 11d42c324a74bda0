import { evaluate } from '../../evaluate/index.ts';
import { buildSourceTraining } from '../../experiment/build.ts';
import { withTasks } from '../../experiment/plugins/pick.ts';
import { createNetwork, Network } from '../../network/index.ts';
import type { AnyTask } from '../../task/index.ts';
import type { Metrics } from '../../train/index.ts';
import { writeWhole } from '../run/folder.ts';
import { readSourceMetrics, transferPaths } from './folder.ts';
import { type TransferStudy, trainFully } from './transfer-study.ts';

/** A source's tasks. */
export const sourceTasks = ({ plan, tasks }: TransferStudy, name: string): readonly AnyTask[] =>
  plan.sources.get(name)!.map((task) => tasks.get(task)!);

/** An untrained network with these tasks on the experiment's trunk. */
export const freshNetwork = (
  { session, trunk }: TransferStudy,
  tasks: readonly AnyTask[],
  seed: number,
): Promise<Network> => createNetwork({ trunk, plugins: withTasks(session.plugins, tasks), seed });

/**
 * Trains a source network and saves it, unless that was done before: one for each source and seed. Returns what it reached on
 * held-out examples. @throws Interrupted.
 */
export async function ensureSource(place: TransferStudy, name: string, seed: number): Promise<Metrics> {
  const { folder, session } = place;
  const known = await readSourceMetrics(folder, name, seed);
  if (known !== undefined) return known;
  const network = await freshNetwork(place, sourceTasks(place, name), seed);
  try {
    await trainFully(
      place,
      network,
      buildSourceTraining(session.loaded.experiment, place.plan.sources.get(name)!, seed, session.found.container),
    );
    const paths = transferPaths(folder);
    await network.save(paths.source(name, seed));
    const metrics = await evaluate(network);
    place.signal.throwIfAborted();
    await writeWhole(paths.sourceMetrics(name, seed), metrics);
    return metrics;
  } finally {
    network.dispose();
  }
}

/** The trained network of a source. */
export const loadSource = (place: TransferStudy, name: string, seed: number): Promise<Network> =>
  Network.load(transferPaths(place.folder).source(name, seed), {
    plugins: withTasks(place.session.plugins, sourceTasks(place, name)),
  });
