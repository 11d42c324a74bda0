import { BanyanError } from '../error.ts';
import { show } from '../show.ts';
import type { Stem, TypedArray } from '../task/contract.ts';
import { withPlace } from './places.ts';

/**
 * The numbers that a stem makes of a raw input. `place`: what an error calls the example.
 * @throws BanyanError `data`, or what the stem throws, naming the task and the example: for an input that is missing, and for
 * a number that is not finite, with its place among the numbers.
 */
export function prepareInput(task: string, stem: Stem<unknown>, raw: unknown, place: string): TypedArray {
  if (raw === undefined || raw === null) {
    throw new BanyanError(
      'data',
      `Task "${task}": ${place}: received ${raw}, expected an input that its stem can prepare. Give it one, or leave the example out.`,
    );
  }
  let prepared: TypedArray;
  try {
    prepared = stem.prepare(raw);
  } catch (error) {
    throw withPlace(task, place, `the stem's prepare() was given ${show(raw)}`, error);
  }
  if (prepared instanceof Float32Array && !allFinite(prepared)) {
    const at = prepared.findIndex((number) => !Number.isFinite(number));
    throw new BanyanError(
      'data',
      `Task "${task}": ${place} was prepared to ${prepared[at]} at [${coordinates(at, stem.inputShape).join(', ')}] of inputShape [${stem.inputShape.join(', ')}], expected finite numbers. Fill in what is missing, or leave the example out.`,
    );
  }
  return prepared;
}

/** Whether all numbers are finite: their sum is, then alone. It cannot overflow, since it is a double; in four, it is fast. */
function allFinite(numbers: Float32Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = numbers.length - (numbers.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += numbers[i]!;
    b += numbers[i + 1]!;
    c += numbers[i + 2]!;
    d += numbers[i + 3]!;
  }
  for (let i = whole; i < numbers.length; i++) a += numbers[i]!;
  return Number.isFinite(a + b + c + d);
}

/** Where the number at a place of a row-major array stands. */
function coordinates(at: number, shape: readonly number[]): number[] {
  const result: number[] = [];
  let rest = at;
  for (const size of shape.slice(1).reverse()) {
    result.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return [rest, ...result];
}
