import { describe, expect, it } from 'vitest';
import { prepareTarget } from '../../../src/network/batch/target.ts';
import { collateTargets } from '../../../src/network/index.ts';
import type { Label } from '../../../src/task/index.ts';

const number: Label = { shape: [], dtype: 'float32' };
const kind: Label = { shape: [], dtype: 'int32' };
const vector: Label = { shape: [3], dtype: 'float32' };
const of = (label: Label, target: unknown) => prepareTarget('t', label, target, 'training example 7');
const GIVE = 'Give numbers, or give the head a target.prepare() that makes them.';

describe('a target that cannot be meant', () => {
  it.each<[Label, unknown, string]>([
    [number, null, 'null, expected a finite number. Give undefined where a label is missing.'],
    [number, '1', `"1", expected a finite number. ${GIVE}`],
    [number, 1n, `1n, expected a finite number. ${GIVE}`],
    [number, true, 'true, expected a finite number. Give 1 for true and 0 for false.'],
    [
      number,
      { left: 1, right: 2 },
      '{"left":1,"right":2}, expected a finite number. Name the task\'s own label with `target`, or give the head a target.prepare() that takes such a record.',
    ],
    [
      number,
      Number.POSITIVE_INFINITY,
      'Infinity, expected a finite number. Correct the target, or give undefined where a label is missing.',
    ],
    [
      number,
      1e39, // Float32 has no such number.
      '1e+39, expected a finite number. Correct the target, or give undefined where a label is missing.',
    ],
    [
      kind,
      1.5,
      '1.5, expected a class: a whole number from 0 on. Number the classes from 0, and give -1 or undefined where a label is missing.',
    ],
    [
      kind,
      -2,
      '-2, expected a class: a whole number from 0 on. Number the classes from 0, and give -1 or undefined where a label is missing.',
    ],
    [kind, '1', `"1", expected a class: a whole number from 0 on. ${GIVE}`],
    [
      vector,
      [1, 2],
      "[1,2] (2 numbers), expected 3 finite numbers for label shape [3]. Correct the source's targets, or the head's `target`.",
    ],
    [vector, [1, '2', 3], `[1,"2",3], with "2" at place 1, expected 3 finite numbers for label shape [3]. ${GIVE}`],
    [
      vector,
      [1, 2, Number.NEGATIVE_INFINITY],
      '[1,2,-Infinity], with -Infinity at place 2, expected 3 finite numbers for label shape [3]. Correct the target, or give undefined where a label is missing.',
    ],
  ])('number %#', (label, target, text) => {
    expect(() => of(label, target)).toThrow(`Task "t": the target of training example 7 is ${text}`);
  });

  it('is told where the head prepares it, too', () => {
    const prepared = (prepare: (target: never) => unknown, target: unknown) =>
      of({ ...number, prepare } as Label, target);
    expect(() => prepared(Number, 'many')).toThrow(
      'Task "t": the target of training example 7 is "many", which was prepared to NaN, expected a finite number. Correct the target, or give undefined where a label is missing.',
    );
    expect(() => prepared(Number, null)).toThrow('is null, expected a finite number. Give undefined');
    expect(() => prepared(async () => 1, 5)).toThrow(
      'is 5, which was prepared to a promise, expected a finite number. Make target.prepare() a plain function.',
    );
    expect(() => prepared((target: { a: { b: number } }) => target.a.b, {})).toThrow(
      "Task \"t\": training example 7: the head's target.prepare() was given {} and failed: Cannot read properties of undefined (reading 'b'). Correct the example, or the prepare().",
    );
  });
});

it('missing labels stay missing: undefined, NaN, -1 for a class, a vector without a number', () => {
  const labelled = (label: Label, targets: unknown[]) => [...collateTargets('t', label, targets).labelled];
  expect(labelled(number, [undefined, Number.NaN, 0, -1])).toEqual([0, 0, 1, 1]);
  expect(labelled(kind, [undefined, Number.NaN, 0, -1])).toEqual([0, 0, 1, 0]);
  expect(labelled({ ...kind, prepare: () => -1 }, ['?'])).toEqual([0]);
  expect(labelled(vector, [undefined, Number.NaN, [Number.NaN, Number.NaN, Number.NaN]])).toEqual([0, 0, 0]);
  const { labelled: learned, measured } = collateTargets('t', { ...number, prepare: () => undefined }, ['episode']);
  expect([...learned, ...measured]).toEqual([0, 1]);
});
