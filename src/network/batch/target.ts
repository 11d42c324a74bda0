import { BanyanError, type ErrorCode } from '../../error.ts';
import { isPromise, show } from '../../show.ts';
import type { Label } from '../../task/contract.ts';
import { withPlace } from './places.ts';

const LARGEST = 2 ** 31 - 1;

/** An int32 scalar is a class. */
export const isClass = ({ dtype, shape }: Label): boolean => dtype === 'int32' && shape.length === 0;

/** Says whether a target says by itself that there is no label. */
export const isMissing = (label: Label, target: unknown): boolean =>
  target === undefined || Number.isNaN(target) || (isClass(label) && target === -1);

/**
 * Gives the numbers of a target that is not missing, as the label holds them: NaN among them only in a vector, -1 where a class is
 * missing after all; undefined for a target that metrics alone see. `place`: what an error calls the example.
 * @throws BanyanError `data` or `shape` naming the task, the example and the value.
 */
export function prepareTarget(
  task: string,
  label: Label,
  target: unknown,
  place: string,
): ArrayLike<number> | undefined {
  const fail = (is: string, mend: string, code: ErrorCode = 'data') =>
    new BanyanError(code, `Task "${task}": the target of ${place} is ${is}, expected ${expected(label)}. ${mend}`);
  if (target === null) throw fail('null', 'Give undefined where a label is missing.');
  const prepared = label.prepare === undefined ? target : preparedBy(label, task, target, place);
  if (prepared === undefined) return undefined;
  const is = label.prepare === undefined ? show(target) : `${show(target)}, which was prepared to ${show(prepared)}`;
  const numbers: unknown = typeof prepared === 'number' ? [prepared] : prepared;
  if (!isList(numbers)) throw fail(is, mendOf(label, prepared));
  const size = label.shape.reduce((a, b) => a * b, 1);
  if (label.lengths === undefined ? numbers.length !== size : !fitsLengths(label, numbers.length)) {
    throw fail(`${is} (${numbers.length} numbers)`, "Correct the source's targets, or the head's `target`.", 'shape');
  }
  const bad = Array.prototype.findIndex.call(numbers, (number) => !fits(label, number));
  if (bad >= 0) {
    const which = label.shape.length === 0 ? is : `${is}, with ${show(numbers[bad])} at place ${bad}`;
    throw fail(which, mendOf(label, numbers[bad]));
  }
  return numbers as ArrayLike<number>;
}

function preparedBy(label: Label, task: string, target: unknown, place: string): unknown {
  try {
    return label.prepare!(target);
  } catch (error) {
    throw withPlace(task, place, `the head's target.prepare() was given ${show(target)}`, error);
  }
}

/** Whether a label of varying length may have so many numbers. */
function fitsLengths({ shape }: Label, count: number): boolean {
  const row = shape.slice(1).reduce((a, b) => a * b, 1);
  return count >= row && count % row === 0 && count <= row * shape[0]!;
}

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

/** Says whether a label can hold this. */
function fits(label: Label, number: unknown): boolean {
  if (typeof number !== 'number') return false;
  // A vector may be labelled in part.
  if (Number.isNaN(number)) return label.shape.length > 0 || label.prepare === undefined;
  // Float32 has no larger ones.
  if (label.dtype === 'float32') return Number.isFinite(Math.fround(number));
  return Number.isInteger(number) && number >= (isClass(label) ? -1 : -LARGEST - 1) && number <= LARGEST;
}

function expected(label: Label): string {
  if (isClass(label)) return 'a class: a whole number from 0 on';
  const kind = label.dtype === 'int32' ? 'whole' : 'finite';
  if (label.shape.length === 0) return `a ${kind} number`;
  const most = label.lengths === undefined ? '' : 'at most ';
  return `${most}${label.shape.reduce((a, b) => a * b, 1)} ${kind} numbers for label shape [${label.shape.join(', ')}]`;
}

function mendOf(label: Label, received: unknown): string {
  if (isPromise(received)) return 'Make target.prepare() a plain function.';
  if (typeof received === 'object' && received !== null && !isList(received))
    return "Name the task's own label with `target`, or give the head a target.prepare() that takes such a record.";
  if (typeof received === 'boolean') return 'Give 1 for true and 0 for false.';
  if (typeof received !== 'number') return 'Give numbers, or give the head a target.prepare() that makes them.';
  if (isClass(label)) return 'Number the classes from 0, and give -1 or undefined where a label is missing.';
  return 'Correct the target, or give undefined where a label is missing.';
}
