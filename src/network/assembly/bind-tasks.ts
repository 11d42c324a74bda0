import { Container } from 'inversify';
import { BanyanError } from '../../error.ts';
import { taskPlugin } from '../../task/plugin.ts';
import type { AnyTask } from '../../task/task.ts';
import { TASK } from '../../task/tokens.ts';
import type { NetworkOptions } from '../options.ts';
import { openSources } from './open-source.ts';

type Bringing = Pick<NetworkOptions<AnyTask>, 'tasks' | 'plugins'>;

const modulesOf = ({ tasks = [], plugins = [] }: Bringing) => [
  ...(tasks.length > 0 ? [taskPlugin(...tasks)] : []),
  ...plugins,
];

/** Makes a container and loads into it what the tasks and plugins bring. */
export async function containerOf(options: Bringing): Promise<Container> {
  const container = new Container();
  await container.load(...modulesOf(options));
  return container;
}

/** The tasks that a container holds, in the order in which they came. */
export const boundTasks = (container: Container): readonly AnyTask[] =>
  container.isBound(TASK) ? container.getAll(TASK) : [];

/**
 * Binds tasks in a container and returns them, their sources open, and what takes them out again.
 * @throws BanyanError `argument` for no task, or a name that is taken.
 */
export async function bindTasks(
  container: Container,
  options: Bringing,
  taken: readonly string[] = [],
): Promise<{ readonly tasks: readonly AnyTask[]; readonly unload: () => void }> {
  const before = boundTasks(container).length;
  const modules = modulesOf(options);
  await container.load(...modules);
  const unload = () => void container.unload(...modules);
  try {
    // By their place: a module may bind a task so that each resolution makes a new object.
    const tasks = boundTasks(container).slice(before);
    checkNames(tasks, taken);
    await openSources(tasks);
    return { tasks, unload };
  } catch (error) {
    unload();
    throw error;
  }
}

function checkNames(tasks: readonly AnyTask[], taken: readonly string[]): void {
  if (tasks.length === 0) {
    throw new BanyanError(
      'argument',
      'A network needs at least one task, received none. Give `tasks` or a plugin that binds TASK.',
    );
  }
  const names = [...taken, ...tasks.map(({ name }) => name)];
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice === undefined) return;
  throw new BanyanError('argument', `Two tasks are named "${twice}", expected each name once. Rename one of them.`);
}
