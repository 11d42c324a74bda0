import { dirname } from 'node:path';
import type { ContainerModule } from 'inversify';
import { BanyanError } from '../../error.ts';
import { buildTrunk, given } from '../../experiment/build.ts';
import { describedTasks, type FieldRecords } from '../../experiment/data.ts';
import type { LoadedExperiment } from '../../experiment/load.ts';
import { type LoadedPlugins, loadPluginsOf } from '../../experiment/plugins/load.ts';
import { pickTasks, withTasks } from '../../experiment/plugins/pick.ts';
import { buildTasks, toDataSet } from '../../fields/index.ts';
import { createNetwork, Network } from '../../network/index.ts';
import { type Runtime, startRuntime } from '../../runtime/index.ts';
import type { AnyTask } from '../../task/index.ts';
import { type KnownRows, readBaseFields, readFields } from './fields.ts';
import { findSaved, type SavedNetwork } from './saved.ts';

/** What an experiment needs to run: the runtime with its threads, the plugins, the tasks picked by name. */
export interface Session {
  readonly loaded: LoadedExperiment;
  readonly runtime: Runtime;
  /** Those to train. */
  readonly tasks: readonly AnyTask[];
  /** All tasks that could have been picked. */
  readonly found: LoadedPlugins;
  /** What the fields of described tasks are and have learned, by the names of their data. */
  readonly fields: FieldRecords;
  /** They bind the tasks to train, and what all need. */
  readonly plugins: readonly ContainerModule[];
  /** The network beside which the tasks become a column. */
  readonly base?: {
    readonly saved: SavedNetwork;
    readonly tasks: readonly AnyTask[];
    /** What is known of those among its tasks that are described. */
    readonly fields: readonly KnownRows[];
  };
}

/** Starts the runtime, loads the plugins and picks the tasks. @throws BanyanError for what is missing, at its place in the experiment. */
export async function openSession(loaded: LoadedExperiment): Promise<Session> {
  const { base, training } = loaded.experiment;
  const { threads } = training;
  // Before any plugin may touch TensorFlow, which reads its number of threads once.
  const runtime = await startRuntime(threads === undefined ? {} : { threads });
  if (threads !== undefined && runtime.threads !== threads) {
    throw new BanyanError(
      'runtime',
      `The run was made with ${threads} threads and this process runs with ${runtime.threads}: it would not end with the same bits. Set the number of threads back.`,
    );
  }
  const baseNetwork = base === undefined ? undefined : await findSaved(base);
  if (base !== undefined && baseNetwork === undefined) {
    throw new BanyanError(
      'experiment',
      `${loaded.place(['base'])}: ${base} holds no network, expected a run with weights, or a saved network. Correct the path.`,
    );
  }
  const plugged = await loadPluginsOf(loaded).catch(async (error: unknown) => {
    // The plugin is what is missing; a damaged network is told of where it is needed.
    const saved = await findSaved(dirname(loaded.file)).catch(() => undefined);
    throw withTask(
      error,
      [saved, baseNetwork].flatMap((network) => network?.tasks ?? []),
    );
  });
  const described = await describedTasks(loaded, plugged.container, await readFields(dirname(loaded.file)));
  assertNewNames(loaded, plugged, described.tasks);
  const found = { ...plugged, tasks: [...described.tasks.map((task) => ({ task })), ...plugged.tasks] };
  const tasks = pickTasks(loaded, found);
  const session = {
    loaded,
    runtime,
    tasks,
    found,
    fields: described.records,
    plugins: withTasks(found.modules, tasks),
  };
  if (baseNetwork === undefined) return session;
  const known = await readBaseFields(dirname(loaded.file), base!);
  const before = known.flatMap(({ data, record }) =>
    buildTasks(
      toDataSet(data),
      Object.keys(record.tasks).map((name) => ({ name })),
      record,
      plugged.container,
    ),
  );
  const old = baseNetwork.tasks.map(
    (task) => before.find(({ name }) => name === task.name) ?? oldTask(session, baseNetwork.path, task),
  );
  return { ...session, base: { saved: baseNetwork, tasks: old, fields: known } };
}

/** @throws BanyanError `experiment` for a described task that has the name of one that a plugin brings. */
function assertNewNames({ place }: LoadedExperiment, { tasks }: LoadedPlugins, described: readonly AnyTask[]): void {
  for (const { name } of described) {
    const rival = tasks.find(({ task }) => task.name === name);
    if (rival === undefined) continue;
    throw new BanyanError(
      'experiment',
      `${place(['tasks', name])}: ${rival.plugin} brings a task "${name}" already, expected another name for one that is described here. Rename it.`,
    );
  }
}

/** Adds to the error of a plugin that cannot be loaded the tasks of a saved network that it brings. */
function withTask(error: unknown, saved: SavedNetwork['tasks']): unknown {
  if (!(error instanceof BanyanError && error.code === 'plugin')) return error;
  const names = saved.filter(({ plugin }) => plugin !== undefined && error.message.includes(plugin));
  if (names.length === 0) return error;
  const list = [...new Set(names.map(({ name }) => `"${name}"`))].join(', ');
  return new BanyanError('plugin', `${error.message} It brings the task ${list} of this network.`, { cause: error });
}

function oldTask({ found, loaded }: Session, path: string, saved: SavedNetwork['tasks'][number]): AnyTask {
  const match = found.tasks.find(({ task }) => task.name === saved.name);
  if (match !== undefined) return { ...match.task, plugin: match.plugin };
  const from = saved.plugin === undefined ? '' : ` of plugin ${saved.plugin}`;
  const mend = loaded.withoutPlugins ? 'Leave --no-plugins out once you trust its code.' : 'Add it.';
  throw new BanyanError(
    'plugin',
    `The network in ${path} has a task "${saved.name}"${from}, and no plugin here brings it. Expected its plugin among \`plugins\`. ${mend}`,
  );
}

/** Makes a fresh network for the experiment, or its base with a fresh column; with `tasks`, for these in place of its own. */
export async function buildNetwork(session: Session, tasks?: readonly AnyTask[]): Promise<Network> {
  const { loaded, plugins, base } = session;
  const { trunk, seed, laterals } = loaded.experiment;
  if (base === undefined) {
    const modules = tasks === undefined ? plugins : withTasks(plugins, tasks);
    return createNetwork({ trunk: buildTrunk(trunk!, session.found.container), plugins: modules, seed });
  }
  const network: Network = await Network.load(base.saved.path, { plugins: withTasks(plugins, base.tasks) });
  try {
    await network.addColumn({
      tasks: tasks ?? session.tasks,
      ...(trunk === undefined ? {} : { trunk: buildTrunk(trunk, session.found.container) }),
      ...(laterals === undefined ? {} : { laterals: typeof laterals === 'string' ? laterals : given(laterals) }),
    });
  } catch (error) {
    network.dispose();
    throw error;
  }
  return network;
}

/** Loads a network that a run saved. */
export function loadSaved({ plugins, base, tasks }: Session, { path }: SavedNetwork): Promise<Network> {
  const modules = base === undefined ? plugins : withTasks(plugins, [...base.tasks, ...tasks]);
  return Network.load(path, { plugins: modules });
}

/** Restores the network of a run as it was left: the trained one, else that of the newest whole checkpoint. */
export async function restoreNetwork(session: Session, folder: string): Promise<{ network: Network; from: string }> {
  const saved = await findSaved(folder);
  if (saved !== undefined) return { network: await loadSaved(session, saved), from: saved.path };
  throw new BanyanError(
    'checkpoint',
    `${folder} holds no weights yet: expected a trained network or a whole checkpoint. Go on with \`banyan resume ${folder}\`.`,
  );
}
