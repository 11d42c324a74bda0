import { z } from 'zod';
import { faultOf, oneOf, wholeNumber } from '../check.ts';
import { BanyanError } from '../error.ts';
import { assertTaskNames } from '../nearest.ts';
import type { BalanceMethod } from './method.ts';

/** How a method moves numbers of its own. */
export const optimizer = oneOf('sgd', 'adam');

/** The options of a method by their names, with what each may be. */
export type OptionShape = Readonly<Record<string, z.ZodType>>;

/** An option of one number for each task: a list in the order of the tasks, or the numbers by the names of the tasks. */
export interface NumberPerTask extends z.ZodOptional<z.ZodArray<z.ZodNumber>> {
  readonly numberPerTask?: true;
}

/** An option that lists tasks: by their positions, 0 the first, or by their names. */
export interface TaskList extends z.ZodOptional<z.ZodArray<z.ZodNumber>> {
  readonly taskList?: true;
}

/** What a program gives for an option. */
export type OptionInput<Option extends z.ZodType> =
  | z.input<Option>
  | ('numberPerTask' extends keyof Option ? Readonly<Record<string, number>> : never)
  | ('taskList' extends keyof Option ? readonly string[] : never);

const NUMBERS = 'a list with one number a task';

/** Makes an option of one such number for each task, that may be left out. */
export const perTask = (leaf: z.ZodNumber): NumberPerTask =>
  z.array(leaf, NUMBERS).min(1, NUMBERS).optional().meta({ tasks: 'numbers' });

/** Makes an option that lists tasks, and may be left out. */
export const taskList = (): TaskList =>
  z.array(wholeNumber(0), "a list of tasks' positions").optional().meta({ tasks: 'list' });

/** How an option names tasks, where it does: `numbers` by their names, or a `list` of them. */
export const tasksIn = (option: z.ZodType | undefined): 'numbers' | 'list' | undefined =>
  option?.meta()?.tasks as 'numbers' | 'list' | undefined;

/**
 * Checks a method's options.
 * @param tasks the names of the tasks that are balanced, in their order; what is given by names becomes a list in this order.
 * @returns the options with their defaults.
 * @throws BanyanError `argument` that names the first wrong option, what was expected and what was received.
 */
export function checkOptions(
  method: Pick<BalanceMethod, 'kind' | 'options'>,
  options: unknown,
  tasks: readonly string[] = [],
): unknown {
  const ordered = tasks.length === 0 ? options : inOrder(method, options, tasks);
  const result = method.options.safeParse(ordered);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const { path } = issue;
  // The list of numbers has places where the user gave names.
  const byName = isByName(options) && isByName(options[String(path[0])]) && typeof path[1] === 'number';
  const named = byName ? { ...issue, path: [path[0]!, tasks[path[1] as number]!] } : issue;
  throw new BanyanError('argument', faultOf(named, byName ? options : ordered, method.kind));
}

const isByName = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The options with what is given by the tasks' names as lists in the order of `tasks`. */
function inOrder(
  { kind: method, options: { shape } }: Pick<BalanceMethod, 'kind' | 'options'>,
  options: unknown,
  tasks: readonly string[],
): unknown {
  if (!isByName(options)) return options;
  const ordered = Object.entries(options).map(([option, value]) => {
    const form = tasksIn(shape[option]);
    if (form === 'numbers' && isByName(value)) return [option, numbersInOrder(`${method}: ${option}`, value, tasks)];
    if (form === 'list' && Array.isArray(value)) {
      const names = value.filter((task): task is string => typeof task === 'string');
      assertTaskNames(`${method}: ${option}`, names, tasks);
      return [option, value.map((task) => (typeof task === 'string' ? tasks.indexOf(task) : task))];
    }
    return [option, value];
  });
  return Object.fromEntries(ordered);
}

function numbersInOrder(option: string, numbers: Readonly<Record<string, unknown>>, tasks: readonly string[]) {
  assertTaskNames(option, Object.keys(numbers), tasks);
  const missing = tasks.find((task) => !Object.hasOwn(numbers, task));
  if (missing === undefined) return tasks.map((task) => numbers[task]);
  throw new BanyanError(
    'argument',
    `${option} must have a number for each task, received none for "${missing}". Give one for each of ${tasks.join(', ')}.`,
  );
}

/** Throws unless an option that holds one number for each task, or coordinate, holds that many. */
export function checkLength(what: string, values: readonly number[], length: number, each: string): void {
  if (values.length === length) return;
  throw new BanyanError(
    'argument',
    `${what} must hold one number for each of the ${length} ${each}, received ${values.length}. Give ${length}.`,
  );
}
