import { BanyanError } from '../../error.ts';
import type { Matrix } from '../method.ts';

/** No factor is larger, so that it stays finite in float32 too. */
export const LARGEST_FACTOR = 1e30;

/** Logarithms of factors and of scales that a method learns stay in [-30, 30]: what is beyond has lost all use, and would overflow. */
export const LARGEST_LOGARITHM = 30;

/** Brings a number into [-limit, limit]. */
export const bounded = (value: number, limit = 1e100): number => Math.max(-limit, Math.min(limit, value));

/** Computes the softmax, without overflow. */
export function softmax(logits: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(logits);
  const largest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = values.map((value) => Math.exp(value - largest));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}

/** Computes the softmax over the tasks for which `present` is not 0, and 0 for the others. */
export function softmaxOf(logits: ArrayLike<number>, present: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(logits);
  if (Array.from(present).every((value) => value === 0)) return values.fill(0);
  return softmax(values.map((value, k) => (present[k] === 0 ? Number.NEGATIVE_INFINITY : value)));
}

/**
 * Checks a step's losses.
 * @throws BanyanError `argument` for another number of losses than tasks, one that is not finite, and, unless `negative`,
 * one below 0.
 */
export function checkLosses(method: string, losses: Float64Array, tasks: number, negative = false): void {
  if (losses.length !== tasks) {
    throw new BanyanError(
      'argument',
      `${method}: expected ${tasks} losses, received ${losses.length}. Give one for each task that takes part in the step.`,
    );
  }
  for (const [k, loss] of losses.entries()) {
    if (Number.isFinite(loss) && (negative || loss >= 0)) continue;
    const expected = negative ? 'a finite number' : 'a finite number >= 0';
    const mend = Number.isFinite(loss)
      ? 'Choose a method that takes losses below 0, such as uncertainty.'
      : 'Lower the learning rate, or look for the cause in that loss.';
    throw new BanyanError('argument', `${method}: losses[${k}] must be ${expected}, received ${loss}. ${mend}`);
  }
}

/**
 * Checks products of gradients.
 * @throws BanyanError `argument` where there are none, for other rows or columns than tasks, and for a number that is not
 * finite.
 */
export function checkProducts(
  method: string,
  name: 'gram' | 'cross',
  matrix: Matrix | undefined,
  tasks: number,
  columns = tasks,
): Matrix {
  const shape = matrix === undefined ? 'nothing' : `${matrix.length} rows of ${matrix[0]?.length ?? 0}`;
  if (matrix?.length !== tasks || matrix.some((row) => row.length !== columns)) {
    throw new BanyanError(
      'argument',
      `${method}: ${name} must have ${tasks} rows of ${columns} numbers, received ${shape}. Give the products of the tasks' gradients.`,
    );
  }
  for (const [i, row] of matrix.entries()) {
    const j = row.findIndex((value) => !Number.isFinite(value));
    if (j < 0) continue;
    throw new BanyanError(
      'argument',
      `${method}: ${name}[${i}][${j}] must be a finite number, received ${row[j]}. Lower the learning rate, or clip the gradients.`,
    );
  }
  return matrix;
}

/** Takes the squared norms of the tasks' gradients from their products. */
export function squaredNorms(method: string, gram: Matrix | undefined, tasks: number): Float64Array {
  return Float64Array.from(checkProducts(method, 'gram', gram, tasks), (row, k) => Math.max(0, row[k]!));
}

/**
 * Returns an option's numbers, one for each task; where the option is left out, `otherwise` for each.
 * @throws BanyanError `argument` for another number of them than tasks.
 */
export function numbersPerTask(
  method: string,
  values: readonly number[] | undefined,
  tasks: number,
  otherwise: number,
): Float64Array {
  if (values === undefined) return new Float64Array(tasks).fill(otherwise);
  if (values.length === tasks) return Float64Array.from(values);
  throw new BanyanError(
    'argument',
    `${method} must have one number for each of ${tasks} tasks, received ${values.length}. Give one per task, in their order.`,
  );
}

/**
 * Returns the numbers of a saved state, one for each task.
 * @throws BanyanError `checkpoint` for another number of them.
 */
export function saved(method: string, values: readonly number[], tasks: number): Float64Array {
  if (values.length === tasks) return Float64Array.from(values);
  throw new BanyanError(
    'checkpoint',
    `${method}: the saved state is of ${values.length} tasks, expected ${tasks}. Resume with the tasks that were trained.`,
  );
}
