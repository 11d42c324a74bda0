import { type ClusterOptions, joinCluster } from '../../cluster/index.ts';
import { BanyanError } from '../../error.ts';
import type { LoadedExperiment } from '../../experiment/load.ts';
import { exists } from '../records/json.ts';
import { experimentDifferences } from './differences.ts';
import { readRun } from './folder.ts';
import { runPaths } from './paths.ts';

/** Does the chief's work, once all others are there. They hear of what it fails with, and stay until it is done. */
export async function leading<T>(cluster: ClusterOptions | undefined, work: () => Promise<T>): Promise<T> {
  if (cluster === undefined) return work();
  const team = await joinCluster(cluster);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    throw team.fail(error);
  }
  await team.leave();
  return result;
}

/**
 * Gives the run that stands in a folder, where it is one of this experiment: workers are started again by the same command, and go on with it.
 * Undefined where the folder holds none.
 * @throws BanyanError `experiment` for a run of another experiment.
 */
export async function runToGoOnWith(
  folder: string | undefined,
  { experiment }: LoadedExperiment,
): Promise<LoadedExperiment | undefined> {
  if (folder === undefined || !(await exists(runPaths(folder).experiment))) return undefined;
  const run = await readRun(folder);
  const { base, training } = run.experiment;
  const now = { ...experiment, ...(base && { base }), training: { ...experiment.training, threads: training.threads } };
  const differences = experimentDifferences(run.experiment, now);
  if (differences.length === 0) return run;
  throw new BanyanError(
    'experiment',
    `${folder} holds another run: ${differences.join('; ')}. Expected one of this experiment, to go on with. Choose another --out.`,
  );
}
