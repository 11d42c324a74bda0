import { BanyanError } from '../error.ts';
import type { AnyTask } from '../task/task.ts';
import { type Trunk, trunkFromConfig } from '../trunk/index.ts';
import { assertAsSaved, dataOf } from './settings.ts';
import type { NetworkDescription } from './store.ts';

/**
 * A saved network's tasks by their names, out of those that are given.
 * @throws BanyanError `checkpoint` for one that is not among them.
 */
export const savedTasks = (saved: NetworkDescription, given: readonly AnyTask[]): ReadonlyMap<string, AnyTask> =>
  new Map(saved.tasks.map((task) => [task.name, savedTask(given, task)]));

function savedTask(bound: readonly AnyTask[], { name, plugin }: NetworkDescription['tasks'][number]): AnyTask {
  const task = bound.find((candidate) => candidate.name === name);
  if (task !== undefined) return task;
  const given = bound.map((candidate) => candidate.name).join(', ') || 'none';
  const from = plugin === undefined ? '' : ` of plugin ${plugin}`;
  throw new BanyanError(
    'checkpoint',
    `The saved network has a task "${name}"${from}, and no definition of it was given. Expected it among \`tasks\` or bound by one of \`plugins\`, received: ${given}. Give the task or its plugin.`,
  );
}

/** The trunks of a saved network's columns: built-in ones again, others as they are given. */
export function savedTrunks(
  dir: string,
  saved: NetworkDescription,
  given: Trunk | readonly Trunk[] = [],
): readonly Trunk[] {
  const own = [given].flat().values();
  return saved.columns.map(({ trunk: config }) => {
    const builtIn = trunkFromConfig(config);
    if (builtIn !== undefined) return builtIn;
    const trunk = own.next().value;
    if (trunk !== undefined) {
      assertAsSaved('trunk', 'config', config, dataOf(trunk.config));
      return trunk;
    }
    throw new BanyanError(
      'checkpoint',
      `${dir} was saved with a trunk of its own kind, ${JSON.stringify(config)}. Expected a built-in kind. Give the trunk as \`trunk\`.`,
    );
  });
}
