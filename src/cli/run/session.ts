import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerModule } from 'inversify';
import { readFolder } from '../../checkpoint/index.ts';
import { BanyanError } from '../../error.ts';
import { createNetwork, Network } from '../../network/index.ts';
import { type Runtime, startRuntime } from '../../runtime/index.ts';
import type { AnyTask } from '../../task/index.ts';
import { buildTrunk } from '../experiment/build.ts';
import type { LoadedExperiment } from '../experiment/load.ts';
import { type LoadedPlugins, loadPlugins } from '../plugins/load.ts';
import { pickTasks, withTasks } from '../plugins/pick.ts';
import { runPaths } from './folder.ts';

/** What an experiment needs to run: the runtime with its threads, the plugins, the tasks picked by name. */
export interface Session {
  readonly loaded: LoadedExperiment;
  readonly runtime: Runtime;
  readonly tasks: readonly AnyTask[];
  /** All tasks that could have been picked. */
  readonly found: LoadedPlugins;
  readonly plugins: readonly ContainerModule[];
}

export async function openSession(loaded: LoadedExperiment): Promise<Session> {
  const { threads } = loaded.experiment.training;
  // Before any plugin may touch TensorFlow, which reads its number of threads once.
  const runtime = await startRuntime(threads === undefined ? {} : { threads });
  if (threads !== undefined && runtime.threads !== threads) {
    throw new BanyanError(
      'runtime',
      `The run was made with ${threads} threads and this process runs with ${runtime.threads}: it would not end with the same bits. Set the number of threads back.`,
    );
  }
  const found = await loadPlugins(loaded.experiment.plugins);
  const tasks = pickTasks(loaded, found);
  return { loaded, runtime, tasks, found, plugins: withTasks(found.modules, tasks) };
}

/** A fresh network for the experiment; with `tasks`, for these in place of its own. */
export function buildNetwork({ loaded, plugins }: Session, tasks?: readonly AnyTask[]): Promise<Network> {
  const { trunk, seed } = loaded.experiment;
  const modules = tasks === undefined ? plugins : withTasks(plugins, tasks);
  return createNetwork({ trunk: buildTrunk(trunk), plugins: modules, seed });
}

/** Folders of a run's checkpoints, the newest first. */
export async function checkpointsOf(folder: string): Promise<string[]> {
  const { checkpoints } = runPaths(folder);
  const names = await readdir(checkpoints).catch(() => []);
  return names
    .filter((name) => /^step-\d+$/.test(name))
    .sort()
    .reverse()
    .map((name) => join(checkpoints, name));
}

/** The network of a run as it was left: the trained one, else that of the newest whole checkpoint. */
export async function restoreNetwork(
  { plugins }: Session,
  folder: string,
): Promise<{ network: Network; from: string }> {
  for (const from of [runPaths(folder).network, ...(await checkpointsOf(folder))]) {
    const whole = await readFolder(from).then(
      () => true,
      () => false,
    );
    if (whole) return { network: await Network.load(from, { plugins }), from };
  }
  throw new BanyanError(
    'checkpoint',
    `${folder} holds no weights yet: expected a trained network or a whole checkpoint. Go on with \`banyan resume ${folder}\`.`,
  );
}
