import { z } from 'zod';
import { count, wholeNumber } from '../check.ts';
import { BanyanError } from '../error.ts';
import { assertTaskNames } from '../nearest.ts';
import type { SampledTask } from './sampler.ts';

/** How many tasks a step draws. */
export const tasksOption = count.default(1).meta({ tasks: 'count' }).describe('tasks of one step');

/** Makes the leaf of one such number for each task, by its name. */
export const perTask = (leaf: z.ZodNumber, expected: string) => z.record(z.string(), leaf, expected).meta(PER_TASK);

/** Marks an option that holds a number for each task, by its name. */
export const PER_TASK = { tasks: 'numbers' };

/** The sizes of data sets, for those of which the source does not tell. */
export const sizesOption = perTask(wholeNumber(1), 'a section with a number of examples by task')
  .optional()
  .describe('examples by task, where not as many as its source has');

/** @throws BanyanError `argument` for more tasks a step than there are. */
export function assertTaskCount(owner: string, tasks: number, all: number): void {
  if (tasks <= all) return;
  throw new BanyanError(
    'argument',
    `${owner}: tasks must be at most ${all}, the number of tasks that are trained, received ${tasks}. Lower it.`,
  );
}

/**
 * Gives the training examples of each task.
 * @throws BanyanError `argument` for a source without an end whose size is not said.
 */
export function sizesOf(
  owner: string,
  tasks: readonly SampledTask[],
  sizes: Readonly<Record<string, number>> = {},
): readonly number[] {
  const names = tasks.map(({ name }) => name);
  assertTaskNames(`${owner}: sizes`, Object.keys(sizes), names);
  return tasks.map(({ name, examples }) => {
    const size = sizes[name] ?? examples;
    if (Number.isFinite(size)) return size;
    throw new BanyanError(
      'argument',
      `${owner}: the source of task "${name}" has no end, expected a number of examples by which to draw it. Say for how many it counts, as in sizes: { ${name}: 10000 }, or choose a sampler that asks for no sizes.`,
    );
  });
}

/**
 * Puts numbers that are given by name into the order of the tasks.
 * @throws BanyanError `argument` for a name that is no task, and for a task without a number.
 */
export function numbersFor(
  what: string,
  tasks: readonly Pick<SampledTask, 'name'>[],
  numbers: Readonly<Record<string, number>>,
): readonly number[] {
  const names = tasks.map(({ name }) => name);
  assertTaskNames(what, Object.keys(numbers), names);
  return names.map((name) => {
    if (Object.hasOwn(numbers, name)) return numbers[name]!;
    throw new BanyanError(
      'argument',
      `${what} must have a number for each task, received none for "${name}". Give one for each of ${names.join(', ')}.`,
    );
  });
}
