import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHalf, toHalf } from '../../../src/export/quantise/half.ts';
import { store } from '../../../src/export/quantise/store.ts';

// By numpy 2: numpy.array(numbers, 'f4').astype('f2'), its bits and what it is as float32.
const HALVES: readonly (readonly [number: number, bits: number, read: number])[] = [
  [0, 0, 0],
  [-0, 0x8000, -0],
  [1, 0x3c00, 1],
  [-2.5, 0xc100, -2.5],
  [0.1, 0x2e66, 0.0999755859375],
  [1 / 3, 0x3555, 0.333251953125],
  [65504, 0x7bff, 65504],
  [65519.9, 0x7bff, 65504],
  [6.1e-5, 0x3ff, 6.097555160522461e-5],
  [6e-5, 0x3ef, 6.002187728881836e-5],
  [5.96e-8, 1, 2 ** -24],
  [2.98e-8, 0, 0],
  [2.99e-8, 1, 2 ** -24],
  [1e-9, 0, 0],
  [2049, 0x6800, 2048],
  [2051, 0x6802, 2052],
  [1.00048828125, 0x3c00, 1],
  [1.0014648, 0x3c02, 1.001953125],
];

describe('numbers of 16 bits', () => {
  it.each(HALVES)('%d', (number, bits, read) => {
    expect(toHalf(number)).toBe(bits);
    expect(fromHalf(bits)).toBe(read);
  });

  it('end at 65504', () => {
    expect(fromHalf(toHalf(65520))).toBe(Number.POSITIVE_INFINITY);
    expect(fromHalf(toHalf(-1e9))).toBe(Number.NEGATIVE_INFINITY);
    expect(fromHalf(0x7e00)).toBeNaN();
  });

  it('are read back as they are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7bff }), (bits) => {
        expect(toHalf(fromHalf(bits))).toBe(bits);
      }),
    );
  });
});

describe('a stored weight', () => {
  const numbers = fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 1 });

  it('of 8 bits is within half a step of what it was, and zero is zero', () => {
    fc.assert(
      fc.property(numbers, (list) => {
        const values = Float32Array.from([...list, 0]);
        const { values: read, scale, tensor } = store('w', [values.length], values, 'int8');
        const { step, zero } = scale!;
        for (const [i, value] of values.entries())
          expect(Math.abs(read[i]! - value)).toBeLessThanOrEqual(step * 0.501 + 1e-6);
        expect(read.at(-1)).toBe(0);
        expect(tensor.content.at(-1)).toBe(zero);
      }),
    );
  });

  it('of 16 bits is within a thousandth', () => {
    fc.assert(
      fc.property(numbers, (list) => {
        const values = Float32Array.from(list);
        const { values: read } = store('w', [values.length], values, 'float16');
        for (const [i, value] of values.entries())
          expect(Math.abs(read[i]! - value)).toBeLessThanOrEqual(Math.abs(value) / 2048 + 3e-8);
      }),
    );
  });

  it('that float16 has no room for is named', () => {
    expect(() => store('weights/stem/a/kernel', [2], Float32Array.of(1, 70000), 'float16')).toThrow(
      'weights/stem/a/kernel has the number 70000, and float16 ends at 65504. Export the network without quantise.',
    );
  });
});
