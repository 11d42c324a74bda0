import { z } from 'zod';
import { BanyanError } from '../error.ts';
import { assertTaskNames } from '../nearest.ts';
import type { MethodFacts } from './method.ts';

// The message of a leaf says what was expected; name, received value and mend are put around it.
const FINITE = 'a finite number';
export const finite = z.number(FINITE);
const NOT_NEGATIVE = 'a number >= 0';
export const notNegative = z.number(NOT_NEGATIVE).min(0, NOT_NEGATIVE);
const POSITIVE = 'a number > 0';
export const positive = z.number(POSITIVE).positive(POSITIVE);
const SHARE = 'a number from 0 to 1';
export const share = z.number(SHARE).min(0, SHARE).max(1, SHARE);
const WHOLE = 'a whole number >= 0';
export const whole = z.int(WHOLE).min(0, WHOLE);
const COUNT = 'a whole number >= 1';
export const count = z.int(COUNT).min(1, COUNT);
export const vector = z.array(finite, 'a list of finite numbers').min(1, 'a list of finite numbers');
const SHARES = 'a list of numbers from 0 to 1';
export const shares = z.array(share, SHARES).min(1, SHARES);

/** One of these words. */
export function oneOf<const Words extends readonly string[]>(...words: Words) {
  return z.enum(words, `one of ${words.map((word) => `"${word}"`).join(', ')}`);
}

/** How a method moves numbers of its own. */
export const optimizer = oneOf('sgd', 'adam');

/** One number a task, in the order of the tasks. */
export const perTask = (leaf: z.ZodNumber) => z.array(leaf, 'a list with one number a task');

/** The options of a method, by their names; an unknown one is an error that names it. */
export function optionsOf<Shape extends z.core.$ZodLooseShape>(method: string, shape: Shape) {
  const known = Object.keys(shape);
  const expected = known.length === 0 ? 'It has none.' : `Expected one of: ${known.join(', ')}.`;
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map(() => `is no option of ${method}. ${expected} Remove it.`).join('\n')
        : `an object with ${known.length === 0 ? 'nothing in it' : known.join(', ')}`,
  });
}

/** Options that hold one number for each task: lists in the order of the tasks, or by the tasks' names. */
export const PER_TASK = ['weights', 'minimum', 'preference', 'ideal', 'prefVector', 'leak'] as const;
/** Options that list tasks: by their positions, or by their names. */
export const TASK_LISTS = ['primary'] as const;

const has = (names: readonly string[], name: string) => names.includes(name);

/** Whether an option can name tasks. */
export const namesTasks = (option: string): boolean => has(PER_TASK, option) || has(TASK_LISTS, option);

const isByName = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The options with what is given by the tasks' names as lists in the order of `tasks`. */
function inOrder({ name: method }: MethodFacts, options: unknown, tasks: readonly string[]): unknown {
  if (!isByName(options)) return options;
  const ordered = Object.entries(options).map(([option, value]) => {
    if (has(PER_TASK, option) && isByName(value)) {
      assertTaskNames(`${method}: ${option}`, Object.keys(value), tasks);
      const missing = tasks.find((task) => !Object.hasOwn(value, task));
      if (missing === undefined) return [option, tasks.map((task) => value[task])];
      throw new BanyanError(
        'argument',
        `${method}: ${option} must have a number for each task, received none for "${missing}". Give one for each of ${tasks.join(', ')}.`,
      );
    }
    if (has(TASK_LISTS, option) && Array.isArray(value)) {
      const names = value.filter((task): task is string => typeof task === 'string');
      assertTaskNames(`${method}: ${option}`, names, tasks);
      return [option, value.map((task) => (typeof task === 'string' ? tasks.indexOf(task) : task))];
    }
    return [option, value];
  });
  return Object.fromEntries(ordered);
}

/** A wrong option as it was given: `weights.1`, or by name `weights.b`. */
function nameOf(path: readonly PropertyKey[], given: unknown, tasks: readonly string[]): string {
  const [option, place, ...rest] = path;
  const byName = has(PER_TASK, String(option)) && isByName((given as Record<PropertyKey, unknown>)[option!]);
  return (byName ? [option, tasks[place as number], ...rest] : path).join('.');
}

/**
 * A method's options, checked and with defaults. `tasks`: the names of those that are balanced, in their order; what is given
 * for each task by its name becomes a list in this order. Throws a {@link BanyanError} that names the first wrong option, what
 * was expected and what was received.
 */
export function checkOptions(method: MethodFacts, given: unknown, tasks: readonly string[] = []): unknown {
  const options = tasks.length === 0 ? given : inOrder(method, given, tasks);
  const result = method.options.safeParse(options);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const [text] = issue.message.split('\n');
    throw new BanyanError('argument', `${method.name}: ${issue.keys[0]} ${text}`);
  }
  const received = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)[key], options);
  const shown = typeof received === 'number' ? String(received) : JSON.stringify(received);
  const name = issue.path.length === 0 ? 'options' : nameOf(issue.path, given, tasks);
  throw new BanyanError('argument', `${method.name}: ${name} must be ${issue.message}, received ${shown}. Correct it.`);
}

/** Throws unless an option that holds one number for each task, or coordinate, holds that many. */
export function checkLength(what: string, values: readonly number[], length: number, each: string): void {
  if (values.length === length) return;
  throw new BanyanError(
    'argument',
    `${what} must hold one number for each of the ${length} ${each}, received ${values.length}. Correct its length.`,
  );
}
