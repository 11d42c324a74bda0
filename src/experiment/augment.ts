import { BanyanError } from '../error.ts';
import type { StemFactory } from '../task/contract.ts';
import type { AnyTask } from '../task/index.ts';
import type { LoadedExperiment } from './load.ts';

/**
 * Gives the stems of tasks the augmentations that the experiment names, in the place of their own; tasks that share a stem go on sharing it.
 * @throws BanyanError `experiment` for a stem that has none a file can name, for a kind or an option that is wrong, and for tasks that
 * share a stem and do not name the same.
 */
export function withAugmentations(
  { experiment, place }: Pick<LoadedExperiment, 'experiment' | 'place'>,
  tasks: readonly AnyTask[],
): readonly AnyTask[] {
  const namedFor = (task: AnyTask) => experiment.tasks[task.name]?.augment;
  const stems = new Map<AnyTask['stem'], StemFactory<unknown>>();
  for (const task of tasks) {
    const augment = namedFor(task);
    if (augment === undefined) continue;
    const fault = (text: string, cause?: unknown) =>
      new BanyanError('experiment', `${place(['tasks', task.name, 'augment'])}: ${text}`, { cause });
    const others = tasks.filter(({ stem }) => stem === task.stem);
    const rival = others.find((other) => JSON.stringify(namedFor(other)) !== JSON.stringify(augment));
    if (rival !== undefined && task.stem !== undefined) {
      throw fault(
        `tasks "${task.name}" and "${rival.name}" share a stem, expected the same augmentations for both. Write them at both.`,
      );
    }
    // A stem that a plugin's module binds is known by a token alone.
    const { augmented } = (task.stem ?? {}) as Partial<StemFactory<unknown>>;
    if (augmented === undefined) {
      throw fault(
        `the stem of task "${task.name}" has no augmentations that a file can name, expected one of pictures or sounds. Remove it.`,
      );
    }
    try {
      if (!stems.has(task.stem)) stems.set(task.stem, augmented(augment));
    } catch (error) {
      throw error instanceof BanyanError ? fault(error.message, error) : error;
    }
  }
  return tasks.map((task) => {
    const stem = stems.get(task.stem);
    return stem === undefined || task.stem === undefined ? task : { ...task, stem };
  });
}
