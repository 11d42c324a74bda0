import { BanyanError } from '../../error.ts';
import type { Bindings } from '../../kind/index.ts';
import { show } from '../../show.ts';
import type { Json } from '../../task/contract.ts';
import type { AnyTask } from '../../task/task.ts';
import { type Trunk, trunkFromConfig } from '../../trunk/index.ts';
import { assertAsSaved, dataOf } from '../assembly/settings.ts';
import type { NetworkDescription } from './description.ts';

/**
 * Finds a saved network's tasks by their names, out of those that are bound.
 * @throws BanyanError `checkpoint` for one that is not among them.
 */
export const savedTasks = (saved: NetworkDescription, bound: readonly AnyTask[]): ReadonlyMap<string, AnyTask> =>
  new Map(saved.tasks.map((task) => [task.name, savedTask(bound, task)]));

function savedTask(bound: readonly AnyTask[], { name, plugin }: NetworkDescription['tasks'][number]): AnyTask {
  const task = bound.find((candidate) => candidate.name === name);
  if (task !== undefined) return task;
  const names = bound.map((candidate) => candidate.name).join(', ') || 'none';
  const from = plugin === undefined ? '' : ` of plugin ${plugin}`;
  throw new BanyanError(
    'checkpoint',
    `The saved network has a task "${name}"${from}, and no definition of it was given. Expected it among \`tasks\` or bound by one of \`plugins\`, received: ${names}. Give the task or its plugin.`,
  );
}

/**
 * Finds the trunks of a saved network's columns: those of built-in kinds and of kinds that plugins bind are made again, others are those
 * of the options.
 * @throws BanyanError `checkpoint` for one that is not given, or has not as many blocks as its column.
 */
export function savedTrunks(
  dir: string,
  saved: NetworkDescription,
  trunks: Trunk | readonly Trunk[] = [],
  bindings?: Bindings,
): readonly Trunk[] {
  const others = [trunks].flat().values();
  return saved.columns.map(({ trunk: config, inputs }, column) => {
    const trunk =
      trunkFromConfig(config, `${dir}: the trunk of column ${column}`, bindings) ??
      ownTrunk(dir, config, others.next().value);
    if (trunk.depth === inputs.length) return trunk;
    throw new BanyanError(
      'checkpoint',
      `${dir}: column ${column} was saved with ${inputs.length} blocks, and its trunk has depth ${trunk.depth}, expected the same. Give the trunk that it was saved with as \`trunk\`.`,
    );
  });
}

function ownTrunk(dir: string, config: Json, trunk: Trunk | undefined): Trunk {
  if (trunk !== undefined) {
    assertAsSaved('trunk', 'config', config, dataOf(trunk.config));
    return trunk;
  }
  throw new BanyanError(
    'checkpoint',
    `${dir} was saved with a trunk of its own kind, ${show(config)}. Expected a built-in kind, or one that a plugin of \`plugins\` brings. Give the trunk as \`trunk\`.`,
  );
}
