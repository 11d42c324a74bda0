import { z } from 'zod';
import { BanyanError } from './error.ts';
import { didYouMean } from './nearest.ts';
import { show } from './show.ts';

// A leaf is a zod schema whose message says what is expected, as it stands after the words "must be". The formatter at the end
// of this file puts the name, the received value and the mend around it. So one leaf serves for an argument of a function, for
// an option of a kind and for a line of an experiment.

/** Where a number has to lie. */
export interface NumberBounds {
  /** The least number that is allowed. */
  readonly least?: number;
  /** The number has to be greater than this one. */
  readonly above?: number;
  /** The greatest number that is allowed. */
  readonly most?: number;
  /** The number has to be less than this one. */
  readonly below?: number;
}

function boundsInWords({ least, above, most, below }: NumberBounds): string {
  if (least !== undefined && most !== undefined) return `a number from ${least} to ${most}`;
  const bounds = Object.entries({ '>=': least, '>': above, '<=': most, '<': below });
  const clauses = bounds.flatMap(([sign, bound]) => (bound === undefined ? [] : [`${sign} ${bound}`]));
  return clauses.length === 0 ? 'a finite number' : `a number ${clauses.join(' and ')}`;
}

/** Makes the leaf of a finite number within bounds. `expected`: what to say of it, where the bounds alone do not say it well. */
export function number(bounds: NumberBounds, expected: string = boundsInWords(bounds)): z.ZodNumber {
  const { least, above, most, below } = bounds;
  let leaf = z.number(expected);
  if (least !== undefined) leaf = leaf.min(least, expected);
  if (above !== undefined) leaf = leaf.gt(above, expected);
  if (most !== undefined) leaf = leaf.max(most, expected);
  if (below !== undefined) leaf = leaf.lt(below, expected);
  return leaf;
}

/** The leaf of any number but NaN and the infinities. */
export const finite = number({});
/** The leaf of a number of at least 0. */
export const notNegative = number({ least: 0 });
/** The leaf of a number above 0. */
export const positive = number({ above: 0 });
/** The leaf of a number from 0 to 1, both allowed. */
export const share = number({ least: 0, most: 1 });
/** The leaf of a number from 0 to 1, without 1: a rate of dropout, a decay. */
export const rate = number({ least: 0, below: 1 });

/** Makes the leaf of a whole number that is at least `least`, and at most `most` where that is given. */
export function wholeNumber(least: number, most?: number): z.ZodNumber {
  const expected = most === undefined ? `a whole number >= ${least}` : `a whole number from ${least} to ${most}`;
  // JavaScript cannot count further than this, which nobody has to be told who counts less far.
  const unsafe = `${expected} and at most 2^53 - 1`;
  const leaf = z.int({ error: (issue) => (issue.code === 'too_big' ? unsafe : expected) }).min(least, expected);
  return most === undefined ? leaf : leaf.max(most, expected);
}

/** The leaf of a whole number of at least 1: so many of something. */
export const count = wholeNumber(1);

/** The leaf of a text. */
export const text = z.string('a text');
/** The leaf of true or false. */
export const flag = z.boolean('true or false');

/** Makes the leaf of a word that is one of these. */
export function oneOf<const Words extends readonly string[]>(...words: Words) {
  return z.enum(words, `one of ${words.map((word) => `"${word}"`).join(', ')}`);
}

/** Makes the leaf of a value that is one or the other. */
export const either = <First extends z.ZodType, Second extends z.ZodType>(
  first: First,
  second: Second,
  expected: string,
) => z.union([first, second], { error: expected });

/** Makes the leaf of a list with at least one value, each of them such a leaf. */
export const listOf = <Leaf extends z.ZodType>(leaf: Leaf, expected: string) =>
  z.array(leaf, expected).min(1, expected);

/** Makes the leaf of a section that holds, under any names, values that are each such a leaf. */
export const byName = <Leaf extends z.ZodType>(leaf: Leaf, expected: string) => z.record(z.string(), leaf, expected);

/** Makes the schema of the options of `owner`, by their names: a name that is none of them is an error. */
export function optionsOf<Shape extends z.core.$ZodLooseShape>(owner: string, shape: Shape) {
  const names = Object.keys(shape);
  const expected = names.length === 0 ? 'It has none.' : `Expected one of: ${names.join(', ')}.`;
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys
            .map((key) => `is no option of ${owner}. ${expected} ${didYouMean(key, names, 'Remove it.')}`)
            .join('\n')
        : `an object with ${names.length === 0 ? 'nothing in it' : names.join(', ')}`,
  });
}

/**
 * Checks every one of these values by one leaf, as in `check('denseTrunk', { width, depth }, count)`.
 * @param owner the function or the kind that the values are given to: the error begins with it.
 * @throws BanyanError `argument` that names the first value that is wrong.
 */
export function check(owner: string, values: Readonly<Record<string, unknown>>, leaf: z.ZodType): void {
  for (const [name, value] of Object.entries(values)) {
    const result = leaf.safeParse(value);
    if (!result.success) throw new BanyanError('argument', faultOf(result.error.issues[0]!, value, owner, [name]));
  }
}

/**
 * Checks options by their schema.
 * @param owner the function or the kind that the options are given to: the error begins with it.
 * @returns the options with their defaults.
 * @throws BanyanError `argument` that names the first option that is wrong.
 */
export function checkOptions<Options>(owner: string, schema: z.ZodType<Options>, options: unknown): Options {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  throw new BanyanError('argument', faultOf(result.error.issues[0]!, options, owner));
}

/**
 * Says in sentences what zod found: whose value is wrong, what was expected, what was received, and the mend.
 * @param data what was checked; `path`: the names that lead to it, where it is a part of something.
 */
export function faultOf(
  issue: z.core.$ZodIssue,
  data: unknown,
  owner: string,
  path: readonly PropertyKey[] = [],
): string {
  const name = [...path, ...issue.path].map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const [key] = issue.keys;
    return `${owner}: ${name === '' ? key : `${name}.${key}`} ${issue.message.split('\n')[0]}`;
  }
  const value = valueAt(data, issue.path);
  return `${owner}: ${name || 'options'} must be ${issue.message}, received ${show(value)}. ${mendOf(issue, value)}`;
}

/** The value that a path of names leads to, undefined where it leads nowhere. */
export function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], data);
}

/**
 * Says in one sentence what to do about a value that zod refuses. A leaf that knows better says it by `params: { mend }` of its
 * `refine`.
 */
export function mendOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined) return 'Add it.';
  if (Number.isNaN(value)) return 'Look for what made it NaN: a division 0 / 0, or a number that is missing.';
  switch (issue.code) {
    case 'custom':
      return typeof issue.params?.mend === 'string' ? issue.params.mend : 'Change it to that.';
    case 'too_small':
      if (issue.origin === 'array') return `Put ${issue.minimum} or more into it.`;
      return issue.inclusive === false ? `Raise it above ${issue.minimum}.` : `Raise it to ${issue.minimum} or more.`;
    case 'too_big':
      if (issue.maximum === Number.MAX_SAFE_INTEGER) return 'Lower it.';
      return issue.inclusive === false ? `Lower it below ${issue.maximum}.` : `Lower it to ${issue.maximum} or less.`;
    case 'invalid_value':
      return didYouMean(String(value), issue.values.map(String), 'Choose one of them.');
    case 'invalid_type':
      return mendOfType(issue.expected, value);
    default:
      return 'Change it to that.';
  }
}

/** What to give in place of a value of another type, by zod's names of types. */
const INSTEAD: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function mendOfType(expected: string, value: unknown): string {
  const isNumber = expected === 'number' || expected === 'int';
  if (isNumber && typeof value === 'number') return Number.isFinite(value) ? 'Round it.' : 'Give a finite number.';
  if (isNumber && typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)))
    return 'Write it without quotes.';
  return `Give ${INSTEAD[expected] ?? 'that'} instead.`;
}
