import { describe, expect, it } from 'vitest';
import { baselineInput, prepareInput } from '../../../src/network/batch/input.ts';
import { collate } from '../../../src/network/index.ts';
import type { Stem, TypedArray } from '../../../src/task/index.ts';

const stem = (prepare: (raw: never) => unknown, inputShape = [2, 3]) =>
  ({ modality: 'numbers', inputShape, prepare }) as unknown as Stem<unknown>;
const prepared = (prepare: (raw: never) => unknown, raw: unknown) =>
  prepareInput('t', stem(prepare), raw, 'test example 4');

describe('an input that cannot be meant', () => {
  it.each([undefined, null])('%s', (raw) => {
    expect(() => prepared(Float32Array.from, raw)).toThrow(
      `Task "t": test example 4: received ${raw}, expected an input that its stem can prepare. Give it one, or leave the example out.`,
    );
  });

  it('of numbers that are not finite, at any place', () => {
    for (let at = 0; at < 6; at++) {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const raw = Float32Array.from({ length: 6 }, (_, i) => (i === at ? value : 3e38));
        expect(() => prepared((numbers: Float32Array) => numbers, raw)).toThrow(
          `Task "t": test example 4 was prepared to ${value} at [${Math.floor(at / 3)}, ${at % 3}] of inputShape [2, 3], expected finite numbers. Fill in what is missing, or leave the example out.`,
        );
      }
    }
    expect(prepared((numbers: Float32Array) => numbers, new Float32Array(6).fill(3e38))).toHaveLength(6);
  });

  it('that its stem fails on', () => {
    expect(() => prepared((raw: { text: string }) => raw.text.trim(), { words: 1 })).toThrow(
      'Task "t": test example 4: the stem\'s prepare() was given {"words":1} and failed: Cannot read properties of undefined (reading \'trim\'). Correct the example, or the prepare().',
    );
  });

  it('of which a baseline cannot be made', () => {
    const baseline = (make: (raw: never) => unknown, raw: unknown) =>
      baselineInput(
        't',
        { ...stem(() => new Float32Array(6)), baseline: make } as unknown as Stem<unknown>,
        raw,
        'training example 2',
      );
    expect(() => baseline((raw: { text: string }) => raw.text.trim(), {})).toThrow(
      "Task \"t\": training example 2: the stem's baseline() was given {} and failed: Cannot read properties of undefined (reading 'trim'). Correct the example, or the baseline().",
    );
    expect(() => baseline(() => Float32Array.of(1, Number.NaN), 'x')).toThrow(
      'Task "t": training example 2: the stem\'s baseline() gave NaN at 1, expected finite numbers. Correct the baseline(), or leave the example out.',
    );
    expect(() => baseline(() => [], null)).toThrow('Task "t": training example 2: received null, expected an input');
  });

  it('that is prepared to something else', () => {
    const placeOf = (i: number) => `test example ${i}`;
    const packed = (...values: unknown[]) =>
      collate(
        't',
        stem(() => 0),
        values as TypedArray[],
        undefined,
        placeOf,
      );
    const expected = 'expected Float32Array, Int32Array, Uint8Array, and the same for all examples.';
    expect(() => packed(undefined)).toThrow(`Task "t": test example 0 was prepared to nothing, ${expected}`);
    expect(() => packed([1, 2])).toThrow(`Task "t": test example 0 was prepared to [1,2], ${expected}`);
    expect(() => packed(Promise.resolve())).toThrow(`Task "t": test example 0 was prepared to a promise, ${expected}`);
    expect(() => packed(new Float32Array(6), new Uint8Array(6))).toThrow(
      `Task "t": test example 1 was prepared to Uint8Array, ${expected}`,
    );
    expect(() => packed(new Float32Array(6), new Float32Array(5))).toThrow(
      'Task "t": test example 1 was prepared to 5 numbers, expected 6 for inputShape [2, 3].',
    );
  });
});
