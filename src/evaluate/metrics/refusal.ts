import { BanyanError } from '../../error.ts';
import { show } from '../../show.ts';

/**
 * Makes the error of a metric that was handed what it does not measure.
 * @param owner the metric. @param expected what it takes. @param heads whose predictions are such.
 */
export const refusal = (owner: string, received: unknown, expected: string, heads: string): BanyanError =>
  new BanyanError('data', `${owner} was given ${show(received)}, expected ${expected}. Use it for ${heads}.`);

/** Tells whether a value is a list of numbers: an array, or a typed one. */
export const isNumbers = (value: unknown): value is ArrayLike<number> =>
  (Array.isArray(value) && value.every((number) => typeof number === 'number')) ||
  (ArrayBuffer.isView(value) && !(value instanceof DataView));

/** Tells whether a value is a list of names. */
export const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');

/** Gives a member of what may be anything: its own, since every list has a method `values`. */
export const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
