import { describe, expect, it } from 'vitest';
import { aggregate, methods } from '../../src/balance/index.ts';
import { BanyanError } from '../../src/error.ts';

const rows = [
  [-4, 1, 1],
  [6, 1, 1],
];

describe('aggregate', () => {
  it('takes typed rows, and gives float64', () => {
    const got = aggregate(
      'mean',
      rows.map((row) => Float32Array.from(row)),
    );
    expect(got).toEqual(Float64Array.of(1, 1, 1));
  });

  it('draws the same at each call', () => {
    expect(aggregate('random', rows)).toEqual(aggregate('random', rows));
    expect(aggregate('graddrop', rows)).toEqual(aggregate('graddrop', rows));
  });

  it.each([
    [
      'no such method',
      () => aggregate('pc-grad', rows),
      /^There is no balancing method of kind "pc-grad"\. Expected one of: .*\bmgda, moco\b.*\. Did you mean "pcgrad"\?$/,
    ],
    [
      'rows of unequal length',
      () => aggregate('mgda', [[1, 2], [3]]),
      'aggregate: expected rows of 2 numbers like the first, received 1 in row 1. Give gradients of the same parameters.',
    ],
    [
      'no rows',
      () => aggregate('mgda', []),
      'aggregate: expected at least one row of at least one number, received 0 rows of 0. Give one gradient a task.',
    ],
    [
      'a number that is not finite',
      () => aggregate('mgda', [[0, Number.NaN]]),
      'aggregate: expected finite numbers, received NaN at row 0, column 1. Leave this step out.',
    ],
    [
      'numbers whose squares leave float64',
      () => aggregate('mgda', [[1], [1e200]]),
      'aggregate: expected rows of 0, or of numbers up to at least 1e-140 and at most 1e+140, received 1e+200 at most in row 1. Scale the gradients.',
    ],
    [
      'an unknown option',
      () => aggregate('pcgrad', rows, { ordre: 'random' }),
      'pcgrad: ordre is no option of pcgrad. Expected one of: order. Did you mean "order"?',
    ],
    [
      'an option of a method that has none',
      () => aggregate('mgda', rows, { c: 1 }),
      'mgda: c is no option of mgda. It has none. Remove it.',
    ],
    [
      'a wrong word',
      () => aggregate('pcgrad', rows, { order: 'up' }),
      'pcgrad: order must be one of "random", "ascending", "descending", "mean_over_all_permutations", received "up". Choose one of them.',
    ],
    [
      'a wrong number',
      () => aggregate('cagrad', rows, { c: -1 }),
      'cagrad: c must be a number >= 0, received -1. Raise it to 0 or more.',
    ],
    [
      'a wrong number in a list',
      () => aggregate('graddrop', rows, { leak: [0, 2] }),
      'graddrop: leak.1 must be a number from 0 to 1, received 2. Lower it to 1 or less.',
    ],
    [
      'options that are none',
      () => aggregate('cagrad', rows, [] as never),
      'cagrad: options must be an object with c, received []. Give an object instead.',
    ],
    [
      'a preference for other tasks',
      () => aggregate('upgrad', rows, { prefVector: [1] }),
      'upgrad: prefVector must hold one number for each of the 2 tasks, received 1. Give 2.',
    ],
    [
      'draws for other coordinates',
      () => aggregate('graddrop', rows, { uniform: [0.5] }),
      'graddrop: uniform must hold one number for each of the 3 coordinates, received 1. Give 3.',
    ],
    [
      'too few tasks to trim',
      () => aggregate('trimmed-mean', rows),
      'trimmed-mean: trimNumber 1 needs at least 3 tasks, received 2. Choose a smaller trimNumber.',
    ],
    [
      'too few tasks to choose from',
      () => aggregate('krum', rows),
      'krum: nByzantine 1 and nSelected 1 need at least 4 tasks, received 2. Choose smaller ones.',
    ],
    [
      'too many orders',
      () =>
        aggregate(
          'pcgrad',
          Array.from({ length: 9 }, () => [1]),
          { order: 'mean_over_all_permutations' },
        ),
      'pcgrad: order "mean_over_all_permutations" goes through all orders of at most 8 tasks, received 9 tasks. Use order "random".',
    ],
  ] as const)('says what is wrong: %s', (_, call, message) => {
    expect(call).toThrow(BanyanError);
    expect(call).toThrow(message as string);
  });
});

describe('methods', () => {
  it('have names of their own, papers, defaults for all options, needs, costs and a proof', () => {
    const names = methods().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const method of methods()) {
      expect(method.name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(method.options.safeParse({}).success, method.name).toBe(true);
      for (const text of [method.paper, method.cost, method.verified]) expect(text, method.name).not.toBe('');
    }
  });
});
