// A step's numbers for a balancer, from losses and gradients.
import type { Balancer, Given, Matrix, WeightMethod } from '../../src/balance/method.ts';
import { RandomStream } from '../../src/random/stream.ts';

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Products of the rows of one matrix with those of another. */
export const products = (rows: Matrix, columns: Matrix): number[][] =>
  rows.map((row) => columns.map((column) => dot(row, column)));

/** `second`: gradients of a second batch, the same where there is none. */
export function given(step: number, losses: readonly number[], jacobian: Matrix, second: Matrix = jacobian): Given {
  return {
    step,
    losses: Float64Array.from(losses),
    gram: products(jacobian, jacobian),
    cross: products(jacobian, second),
    random: new RandomStream(7, `step ${step}`),
  };
}

/** The method at work with its defaults and these options. */
export function start(method: WeightMethod, tasks: number, options: object = {}): Balancer {
  return method.create(method.options.parse(options) as never, tasks);
}
