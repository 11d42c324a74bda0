import { BanyanError } from '../../error.ts';
import { show } from '../../show.ts';
import type { Stem, TypedArray } from '../../task/contract.ts';
import type { BuiltInput, InputPart } from '../assembly/built.ts';
import { withPlace } from './places.ts';

/** Names the part of an example, where it has several. */
export const placeOfPart = ({ name }: Pick<InputPart, 'name'>, place: string): string =>
  name === undefined ? place : `"${name}" of ${place}`;

/**
 * Takes what one part of a task's input reads out of a raw example: by its name out of the record, or the example itself.
 * @throws BanyanError `data` for what is no record, and for one that lacks the name.
 */
export function pickInput(
  task: string,
  { parts }: BuiltInput,
  { name }: InputPart,
  raw: unknown,
  place: string,
): unknown {
  if (name === undefined) return raw;
  const isRecord = typeof raw === 'object' && raw !== null && !Array.isArray(raw) && !ArrayBuffer.isView(raw);
  if (isRecord && name in raw) return (raw as Readonly<Record<string, unknown>>)[name];
  const names = parts.map((part) => part.name).join(', ');
  const received = isRecord ? `one with ${Object.keys(raw).join(', ') || 'nothing'}` : show(raw);
  throw new BanyanError(
    'data',
    `Task "${task}": ${place} has no input "${name}", expected a record with ${names}, received ${received}. Give it one, or leave the example out.`,
  );
}

/**
 * Prepares the numbers that a stem makes of a raw input. `place`: what an error calls the example.
 * @throws BanyanError `data`, or what the stem throws, naming the task and the example: for an input that is missing, and for
 * a number that is not finite, with its place among the numbers.
 */
export function prepareInput(task: string, stem: Stem<unknown>, raw: unknown, place: string): TypedArray {
  const prepared = ask(task, raw, place, 'prepare', () => stem.prepare(raw));
  if (prepared instanceof Float32Array && !allFinite(prepared)) {
    const at = prepared.findIndex((number) => !Number.isFinite(number));
    throw new BanyanError(
      'data',
      `Task "${task}": ${place} was prepared to ${prepared[at]} at [${coordinates(at, stem.inputShape).join(', ')}] of inputShape [${stem.inputShape.join(', ')}], expected finite numbers. Fill in what is missing, or leave the example out.`,
    );
  }
  return prepared;
}

/**
 * Gives what a linear model sees of a raw input: what the stem says, else the prepared numbers. Ids of examples of varying length are
 * names of what occurs; fewer numbers than others have are filled up with 0.
 * @throws BanyanError as `prepareInput`.
 */
export function baselineInput(
  task: string,
  stem: Stem<unknown>,
  raw: unknown,
  place: string,
): Float32Array | readonly string[] {
  if (stem.baseline === undefined) {
    const prepared = prepareInput(task, stem, raw, place);
    if (stem.lengths !== undefined && prepared instanceof Int32Array) return Array.from(prepared, String);
    const numbers = new Float32Array(stem.inputShape.reduce((a, b) => a * b, 1));
    numbers.set(prepared);
    return numbers;
  }
  const features = ask(task, raw, place, 'baseline', () => stem.baseline!(raw));
  if (features instanceof Float32Array && !allFinite(features)) {
    const at = features.findIndex((number) => !Number.isFinite(number));
    throw new BanyanError(
      'data',
      `Task "${task}": ${place}: the stem's baseline() gave ${features[at]} at ${at}, expected finite numbers. Correct the baseline(), or leave the example out.`,
    );
  }
  return features;
}

function ask<T>(task: string, raw: unknown, place: string, member: string, make: () => T): T {
  if (raw === undefined || raw === null) {
    throw new BanyanError(
      'data',
      `Task "${task}": ${place}: received ${raw}, expected an input that its stem can prepare. Give it one, or leave the example out.`,
    );
  }
  try {
    return make();
  } catch (error) {
    throw withPlace(task, place, `the stem's ${member}() was given ${show(raw)}`, error, member);
  }
}

/** Says whether all numbers are finite: their sum is, then alone. It cannot overflow, since it is a double; in four, it is fast. */
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

/** Gives the coordinates of a number at a place of a row-major array. */
function coordinates(at: number, shape: readonly number[]): number[] {
  const result: number[] = [];
  let rest = at;
  for (const size of shape.slice(1).reverse()) {
    result.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return [rest, ...result];
}
