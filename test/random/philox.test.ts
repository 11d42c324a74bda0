import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permute } from '../../src/random/permutation.ts';
import { philox } from '../../src/random/philox.ts';
import { RandomStream } from '../../src/random/stream.ts';

const hex = (words: Uint32Array) => [...words].map((word) => word.toString(16).padStart(8, '0')).join(' ');

describe('philox', () => {
  // The known answers that Random123 publishes for philox4x32 with 10 rounds.
  it.each([
    [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ] as const)('of counter %j', (counter, [key0, key1], expected) => {
    const out = new Uint32Array(4);
    philox([...counter], key0, key1, out);
    expect(hex(out)).toBe(expected);
  });
});

describe('permute', () => {
  it('is a shuffle of all indices, another one in each epoch', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.nat(1000), (count, seed, epoch) => {
        const order = Array.from({ length: count }, (_, i) => permute(i, count, seed, epoch));
        expect([...order].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
        if (count > 20)
          expect(order).not.toEqual(Array.from({ length: count }, (_, i) => permute(i, count, seed, epoch + 1)));
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('sends each index everywhere about equally often', () => {
    const places = new Array(10).fill(0);
    for (let epoch = 0; epoch < 5000; epoch++) places[permute(3, 10, 42, epoch)]++;
    for (const count of places) expect(count).toBeGreaterThan(400);
  });
});

describe('RandomStream', () => {
  it('gives the same numbers for the same seed and name, others for another', () => {
    const draw = (seed: number, name: string) => {
      const stream = new RandomStream(seed, name);
      return Array.from({ length: 9 }, () => stream.uniform());
    };
    expect(draw(1, 'a')).toEqual(draw(1, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(1, 'b'));
    expect(draw(1, 'a')).not.toEqual(draw(2, 'a'));
  });

  it('has the moments of its distributions', () => {
    const stream = new RandomStream(3, 'moments');
    const count = 40_000;
    const uniform = Array.from({ length: count }, () => stream.uniform());
    const normal = Array.from({ length: count }, () => stream.normal());
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(uniform)).toBeCloseTo(0.5, 2);
    expect(mean(normal)).toBeCloseTo(0, 1);
    expect(mean(normal.map((x) => x * x))).toBeCloseTo(1, 1);
    expect(new Set(Array.from({ length: 500 }, () => stream.integer(6)))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
  });
});
