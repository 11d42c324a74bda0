import { BanyanError } from '../../error.ts';
import { blaming } from '../../task/blame.ts';
import type { Source } from '../../task/source.ts';
import type { AnyTask } from '../../task/task.ts';

/** Says what a source does while it is opened. */
export const openingText = (task: string): string => `The source of task "${task}": open()`;

/** Opens a source. `task` names it in the error. */
export const openSource = (task: string, source: Source<unknown, unknown>): Promise<void> =>
  blaming(openingText(task), 'to find its data', async () => source.open?.());

/**
 * Opens the sources of these tasks, each once.
 * @throws what a source throws; a BanyanError names the task.
 */
export async function openSources(tasks: readonly AnyTask[]): Promise<void> {
  for (const [source, { name }] of firstUsers(tasks)) {
    try {
      await openSource(name, source);
    } catch (error) {
      throw named(name, error);
    }
  }
}

/** Each source once, with the first task that reads it. */
const firstUsers = (tasks: readonly AnyTask[]) => new Map(tasks.toReversed().map((task) => [task.source, task]));

/** A source does not know which task it belongs to. */
function named(task: string, error: unknown): unknown {
  if (!(error instanceof BanyanError) || error.message.includes(`"${task}"`)) return error;
  return new BanyanError(error.code, `Task "${task}": ${error.message}`, { cause: error });
}
