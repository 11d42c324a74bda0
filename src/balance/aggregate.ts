import { BanyanError } from '../error.ts';
import { RandomStream } from '../random/index.ts';
import { gramOf } from './linear/products.ts';
import type { Matrix } from './method.ts';
import { methodNamed } from './methods.ts';
import { checkOptions } from './options.ts';

/** Squares of larger and smaller numbers leave float64. */
const LARGEST = 1e140;
const SMALLEST = 1e-140;

/**
 * Combines a matrix of gradients `[tasks, parameters]` into one gradient `[parameters]`, in float64. It is the method's first step: one
 * that remembers earlier steps starts anew, one that takes a second batch is given the same one, and
 * one that draws draws the same at each call. Options are as `methods()` lists them.
 * @throws BanyanError `argument` for an unknown method (with the names of those that there are), a loss weighting, an unknown or wrong
 * option; `shape` for no rows and rows of unequal length; `data` for numbers that are not finite, or too large or small for their squares.
 */
export function aggregate(
  method: string,
  jacobian: readonly ArrayLike<number>[],
  options: Readonly<Record<string, unknown>> = {},
): Float64Array {
  const chosen = methodNamed(method);
  if (chosen.balances === 'losses') {
    throw new BanyanError(
      'argument',
      `${method} is a loss weighting: expected a gradient aggregator, since a matrix of gradients has no losses. Use it as balance of a training.`,
    );
  }
  const rows = checkedRows(jacobian);
  const checked = checkOptions(chosen, options);
  const random = new RandomStream(0, `aggregate/${method}`);
  if ('combine' in chosen) return chosen.combine(rows, checked as never, random);
  const products = gramOf(rows);
  const losses = new Float64Array(rows.length);
  const weights = chosen
    .create(checked as never, rows.length)
    .weights({ step: 1, losses, gram: products, cross: products, random });
  return Float64Array.from(rows[0]!, (_, at) => rows.reduce((sum, row, task) => sum + weights[task]! * row[at]!, 0));
}

function checkedRows(jacobian: readonly ArrayLike<number>[]): Matrix {
  const rows = jacobian.map((row) => Array.from(row));
  const width = rows[0]?.length ?? 0;
  if (width === 0) {
    throw new BanyanError(
      'shape',
      `aggregate: expected at least one row of at least one number, received ${rows.length} rows of ${width}. Give one gradient a task.`,
    );
  }
  rows.forEach((row, task) => {
    if (row.length !== width) {
      throw new BanyanError(
        'shape',
        `aggregate: expected rows of ${width} numbers like the first, received ${row.length} in row ${task}. Give gradients of the same parameters.`,
      );
    }
    const wrong = row.findIndex((value) => !Number.isFinite(value));
    if (wrong !== -1) {
      throw new BanyanError(
        'data',
        `aggregate: expected finite numbers, received ${row[wrong]} at row ${task}, column ${wrong}. Leave this step out.`,
      );
    }
    const size = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (size !== 0 && (size > LARGEST || size < SMALLEST)) {
      throw new BanyanError(
        'data',
        `aggregate: expected rows of 0, or of numbers up to at least ${SMALLEST} and at most ${LARGEST}, received ${size} at most in row ${task}. Scale the gradients.`,
      );
    }
  });
  return rows;
}
