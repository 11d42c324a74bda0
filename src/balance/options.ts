import { z } from 'zod';
import { BanyanError } from '../error.ts';
import { assertTaskNames } from '../nearest.ts';
import type { BalanceMethod } from './method.ts';

// The message of a leaf says what was expected; name, received value and mend are put around it.
const FINITE = 'a finite number';
export const finite = z.number(FINITE);
const NOT_NEGATIVE = 'a number >= 0';
export const notNegative = z.number(NOT_NEGATIVE).min(0, NOT_NEGATIVE);
const POSITIVE = 'a number > 0';
export const positive = z.number(POSITIVE).positive(POSITIVE);
const SHARE = 'a number from 0 to 1';
export const share = z.number(SHARE).min(0, SHARE).max(1, SHARE);
export function wholeNumber(least: number) {
  const expected = `a whole number >= ${least}`;
  return z.int(expected).min(least, expected);
}
export const count = wholeNumber(1);
export const flag = z.boolean('true or false');

/** One of these words. */
export function oneOf<const Words extends readonly string[]>(...words: Words) {
  return z.enum(words, `one of ${words.map((word) => `"${word}"`).join(', ')}`);
}

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

/** The options of a method, by their names; an unknown one is an error that names it. */
export function optionsOf<Shape extends z.core.$ZodLooseShape>(method: string, shape: Shape) {
  const names = Object.keys(shape);
  const expected = names.length === 0 ? 'It has none.' : `Expected one of: ${names.join(', ')}.`;
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map(() => `is no option of ${method}. ${expected} Remove it.`).join('\n')
        : `an object with ${names.length === 0 ? 'nothing in it' : names.join(', ')}`,
  });
}

const isByName = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The options with what is given by the tasks' names as lists in the order of `tasks`. */
function inOrder({ kind: method, options: { shape } }: Checked, options: unknown, tasks: readonly string[]): unknown {
  if (!isByName(options)) return options;
  const ordered = Object.entries(options).map(([option, value]) => {
    const form = tasksIn(shape[option]);
    if (form === 'numbers' && isByName(value)) {
      assertTaskNames(`${method}: ${option}`, Object.keys(value), tasks);
      const missing = tasks.find((task) => !Object.hasOwn(value, task));
      if (missing === undefined) return [option, tasks.map((task) => value[task])];
      throw new BanyanError(
        'argument',
        `${method}: ${option} must have a number for each task, received none for "${missing}". Give one for each of ${tasks.join(', ')}.`,
      );
    }
    if (form === 'list' && Array.isArray(value)) {
      const names = value.filter((task): task is string => typeof task === 'string');
      assertTaskNames(`${method}: ${option}`, names, tasks);
      return [option, value.map((task) => (typeof task === 'string' ? tasks.indexOf(task) : task))];
    }
    return [option, value];
  });
  return Object.fromEntries(ordered);
}

/** Names a wrong option as it was given: `weights.1`, or by a task's name `weights.b`. */
function nameOf(path: readonly PropertyKey[], options: unknown, tasks: readonly string[]): string {
  const [option, place, ...rest] = path;
  const value = isByName(options) ? options[String(option)] : undefined;
  return (typeof place === 'number' && isByName(value) ? [option, tasks[place], ...rest] : path).join('.');
}

type Checked = Pick<BalanceMethod, 'kind'> & { readonly options: z.ZodObject };

/**
 * Checks a method's options.
 * @param tasks the names of the tasks that are balanced, in their order; what is given by names becomes a list in this order.
 * @returns the options with their defaults.
 * @throws BanyanError `argument` that names the first wrong option, what was expected and what was received.
 */
export function checkOptions(method: Checked, options: unknown, tasks: readonly string[] = []): unknown {
  const ordered = tasks.length === 0 ? options : inOrder(method, options, tasks);
  const result = method.options.safeParse(ordered);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const [text] = issue.message.split('\n');
    throw new BanyanError('argument', `${method.kind}: ${issue.keys[0]} ${text}`);
  }
  const received = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)[key], ordered);
  const shown = typeof received === 'number' ? String(received) : JSON.stringify(received);
  const name = issue.path.length === 0 ? 'options' : nameOf(issue.path, options, tasks);
  throw new BanyanError('argument', `${method.kind}: ${name} must be ${issue.message}, received ${shown}. Correct it.`);
}

/** Throws unless an option that holds one number for each task, or coordinate, holds that many. */
export function checkLength(what: string, values: readonly number[], length: number, each: string): void {
  if (values.length === length) return;
  throw new BanyanError(
    'argument',
    `${what} must hold one number for each of the ${length} ${each}, received ${values.length}. Give ${length}.`,
  );
}
