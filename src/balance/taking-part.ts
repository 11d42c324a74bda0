import type { StepStatistics } from './method.ts';

/** Returns the positions of the tasks that take part in a step: all of them, unless it says which. */
export const takingPart = ({ tasks }: Pick<StepStatistics, 'tasks'>, all: number): readonly number[] =>
  tasks ?? Array.from({ length: all }, (_, k) => k);

/** Picks the numbers at these positions. */
export const pick = (values: ArrayLike<number>, positions: readonly number[]): Float64Array =>
  Float64Array.from(positions, (k) => values[k]!);

/** Returns a copy with other numbers at these positions. */
export function put(values: Float64Array, positions: readonly number[], numbers: ArrayLike<number>): Float64Array {
  const copy = values.slice();
  for (const [i, k] of positions.entries()) copy[k] = numbers[i]!;
  return copy;
}

const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);

/** Returns the weights of some tasks as if there were no others: they sum to 1, and are equal where none has any. */
export function sharesOf(weights: Float64Array, positions: readonly number[]): Float64Array {
  if (positions.length === weights.length) return weights.slice();
  const chosen = pick(weights, positions);
  const total = sum(chosen);
  return chosen.map((weight) => (total > 0 ? weight / total : 1 / chosen.length));
}

/** Moves the shares of these tasks; the part that they have of all weights stays theirs, and the other tasks keep what they have. */
export function moveShares(
  weights: Float64Array,
  positions: readonly number[],
  move: (shares: Float64Array) => Float64Array,
): Float64Array {
  if (positions.length === 0) return weights;
  const moved = move(sharesOf(weights, positions));
  if (positions.length === weights.length) return moved;
  const part = sum(pick(weights, positions));
  return put(
    weights,
    positions,
    moved.map((share) => share * part),
  );
}
