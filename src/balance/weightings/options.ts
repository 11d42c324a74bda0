import { z } from 'zod';

// A leaf's error message is what was expected; whoever parses puts path, received value and mend around it.
const POSITIVE = 'a number > 0';
export const positive = z.number(POSITIVE).positive(POSITIVE);
const NOT_NEGATIVE = 'a number >= 0';
export const notNegative = z.number(NOT_NEGATIVE).min(0, NOT_NEGATIVE);
export const number = z.number('a number');
const WHOLE = 'a whole number >= 1';
export const count = z.int(WHOLE).min(1, WHOLE);

/** One of these words. */
export const oneOf = <const Words extends readonly string[]>(...words: Words) =>
  z.enum(words, { error: `one of ${words.map((word) => `"${word}"`).join(', ')}` });

/** How a method moves numbers of its own. */
export const optimizer = oneOf('sgd', 'adam');

/** One number a task, in the order of the tasks. */
export const perTask = (leaf: z.ZodNumber) => z.array(leaf, 'a list with one number a task');
