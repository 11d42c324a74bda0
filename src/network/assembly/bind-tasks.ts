import { Container } from 'inversify';
import { BanyanError } from '../../error.ts';
import { taskPlugin } from '../../task/plugin.ts';
import type { AnyTask } from '../../task/task.ts';
import { TASK } from '../../task/tokens.ts';
import { openSource } from '../batch/read-examples.ts';
import type { NetworkOptions } from '../options.ts';

type Given = Pick<NetworkOptions<AnyTask>, 'tasks' | 'plugins'>;

const modulesOf = ({ tasks = [], plugins = [] }: Given) => [
  ...(tasks.length > 0 ? [taskPlugin(...tasks)] : []),
  ...plugins,
];

/** A container with what these bring. */
export async function containerOf(given: Given): Promise<Container> {
  const container = new Container();
  await container.load(...modulesOf(given));
  return container;
}

export const boundTasks = (container: Container): readonly AnyTask[] =>
  container.isBound(TASK) ? container.getAll(TASK) : [];

/**
 * Binds tasks in a container and returns them, their sources open, and what takes them out again.
 * @throws BanyanError `argument` for no task, or a name that is taken.
 */
export async function bindTasks(
  container: Container,
  given: Given,
  taken: readonly string[] = [],
): Promise<{ readonly tasks: readonly AnyTask[]; readonly unload: () => void }> {
  const before = boundTasks(container).length;
  const modules = modulesOf(given);
  await container.load(...modules);
  const unload = () => void container.unload(...modules);
  try {
    // By their place: a module may bind a task so that each resolution makes a new object.
    const tasks = boundTasks(container).slice(before);
    checkNames(tasks, taken);
    for (const [source, { name }] of firstUsers(tasks)) {
      try {
        await openSource(name, source);
      } catch (error) {
        throw named(name, error);
      }
    }
    return { tasks, unload };
  } catch (error) {
    unload();
    throw error;
  }
}

/** Each source once, with the first task that reads it. */
const firstUsers = (tasks: readonly AnyTask[]) => new Map(tasks.toReversed().map((task) => [task.source, task]));

/** A source does not know which task it belongs to. */
function named(task: string, error: unknown): unknown {
  if (!(error instanceof BanyanError) || error.message.includes(`"${task}"`)) return error;
  return new BanyanError(error.code, `Task "${task}": ${error.message}`, { cause: error });
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
