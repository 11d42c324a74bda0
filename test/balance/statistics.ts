// The methods, and a step's numbers for them from losses and gradients.
import { methods } from '../../src/balance/index.ts';
import type { GramMethod, Matrix, MethodState, StepStatistics } from '../../src/balance/method.ts';
import { RandomStream } from '../../src/random/stream.ts';

/** The methods that weigh losses, and those that combine gradients. */
export const weightings = methods().filter((method): method is GramMethod => method.balances === 'losses');
export const aggregators = methods().filter(({ balances }) => balances === 'gradients');

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Products of the rows of one matrix with those of another. */
export const products = (rows: Matrix, columns: Matrix): number[][] =>
  rows.map((row) => columns.map((column) => dot(row, column)));

/** `second`: gradients of a second batch, the same where there is none. */
export function statisticsOf(
  step: number,
  losses: readonly number[],
  jacobian: Matrix,
  second: Matrix = jacobian,
): StepStatistics {
  return {
    step,
    losses: Float64Array.from(losses),
    gram: products(jacobian, jacobian),
    cross: products(jacobian, second),
    random: new RandomStream(7, `step ${step}`),
  };
}

/** The method at work with its defaults and these options. */
export function start(method: GramMethod, tasks: number, options: object = {}): MethodState {
  return method.create(method.options.parse(options) as never, tasks);
}
