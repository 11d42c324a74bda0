import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  check,
  checkOptions,
  count,
  finite,
  flag,
  notNegative,
  number,
  oneOf,
  optionsOf,
  positive,
  rate,
  share,
  text,
  wholeNumber,
} from '../src/check.ts';

describe('check', () => {
  it.each<[unknown, z.ZodType, string]>([
    [0, count, 'a whole number >= 1, received 0. Raise it to 1 or more.'],
    [1.5, count, 'a whole number >= 1, received 1.5. Round it.'],
    [1e300, count, 'a whole number >= 1 and at most 2^53 - 1, received 1e+300. Lower it.'],
    [Number.POSITIVE_INFINITY, count, 'a whole number >= 1, received Infinity. Give a finite number.'],
    [undefined, count, 'a whole number >= 1, received nothing. Add it.'],
    ['3', count, 'a whole number >= 1, received "3". Write it without quotes.'],
    ['many', count, 'a whole number >= 1, received "many". Give a number instead.'],
    [70000, wholeNumber(0, 65535), 'a whole number from 0 to 65535, received 70000. Lower it to 65535 or less.'],
    [Number.NEGATIVE_INFINITY, finite, 'a finite number, received -Infinity. Give a finite number.'],
    [
      Number.NaN,
      notNegative,
      'a number >= 0, received NaN. Look for what made it NaN: a division 0 / 0, or a number that is missing.',
    ],
    [-1, notNegative, 'a number >= 0, received -1. Raise it to 0 or more.'],
    [0, positive, 'a number > 0, received 0. Raise it above 0.'],
    [2, share, 'a number from 0 to 1, received 2. Lower it to 1 or less.'],
    [1, rate, 'a number >= 0 and < 1, received 1. Lower it below 1.'],
    [-1, number({ least: 0 }, 'a finite number >= 0'), 'a finite number >= 0, received -1. Raise it to 0 or more.'],
    [3, text, 'a text, received 3. Give a text instead.'],
    ['yes', flag, 'true or false, received "yes". Give true or false instead.'],
    ['sdg', oneOf('sgd', 'adam'), 'one of "sgd", "adam", received "sdg". Did you mean "sgd"?'],
    [7, oneOf('sgd', 'adam'), 'one of "sgd", "adam", received 7. Choose one of them.'],
    [
      [],
      z.array(finite, 'a list').min(1, 'a list of numbers'),
      'a list of numbers, received []. Put 1 or more into it.',
    ],
    [3, z.array(finite, 'a list'), 'a list, received 3. Give a list instead.'],
    [
      5,
      finite.refine((value) => value % 2 === 0, { error: 'even', params: { mend: 'Add 1.' } }),
      'even, received 5. Add 1.',
    ],
    [5, finite.refine((value) => value % 2 === 0, 'even'), 'even, received 5. Change it to that.'],
  ])('%j', (value, leaf, message) => {
    expect(() => check('stem', { size: value }, leaf)).toThrow(
      expect.objectContaining({ name: 'BanyanError', code: 'argument', message: `stem: size must be ${message}` }),
    );
  });

  it('names the first value that is wrong', () => {
    expect(() => check('stem', { width: 1, depth: 0, heads: 0 }, count)).toThrow('stem: depth must be');
    check('stem', { width: 1, depth: 2 }, count);
  });
});

describe('checkOptions', () => {
  const schema = optionsOf('nested', { rate: rate.default(0.5), sizes: z.array(count, 'a list').optional() });

  it('fills in defaults', () => {
    expect(checkOptions('nested', schema, {})).toEqual({ rate: 0.5 });
  });

  it.each<[unknown, string]>([
    [{ rate: 2 }, 'nested: rate must be a number >= 0 and < 1, received 2. Lower it below 1.'],
    [{ sizes: [1, 0] }, 'nested: sizes.1 must be a whole number >= 1, received 0. Raise it to 1 or more.'],
    [{ rat: 2 }, 'nested: rat is no option of nested. Expected one of: rate, sizes. Did you mean "rate"?'],
    [{ colour: 2 }, 'nested: colour is no option of nested. Expected one of: rate, sizes. Remove it.'],
    [[], 'nested: options must be an object with rate, sizes, received []. Give an object instead.'],
  ])('%j', (options, message) => {
    expect(() => checkOptions('nested', schema, options)).toThrow(
      expect.objectContaining({ code: 'argument', message }),
    );
  });

  it('says of options that there are none', () => {
    expect(() => checkOptions('bare', optionsOf('bare', {}), { c: 1 })).toThrow(
      'bare: c is no option of bare. It has none. Remove it.',
    );
  });
});
