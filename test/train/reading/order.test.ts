import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indicesAt } from '../../../src/train/reading/order.ts';

describe('the order of training examples', () => {
  it('takes each example once an epoch, whatever the batch, and batches are always full', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 90 }),
        fc.nat(99),
        (count, batch, seed) => {
          const epochs = 3;
          const taken: number[] = [];
          for (let position = 0; position < epochs * count; position += batch) {
            const indices = indicesAt(position, count, batch, seed);
            expect(indices).toHaveLength(batch);
            taken.push(...indices);
          }
          for (let epoch = 0; epoch < epochs; epoch++) {
            const order = taken.slice(epoch * count, (epoch + 1) * count);
            expect([...order].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
          }
        },
      ),
      { seed: 3, numRuns: 80 },
    );
  });

  it('can be had at any position of a set of any size, without a table', () => {
    const count = 1e12;
    const indices = indicesAt(7e13 + 5, count, 1000, 1);
    expect(new Set(indices).size).toBe(1000);
    for (const index of indices) expect(index).toSatisfy((i: number) => Number.isInteger(i) && i >= 0 && i < count);
    expect(indicesAt(7e13 + 6, count, 1, 1)[0]).toBe(indices[1]);
  });

  it('counts up where examples are made without end', () => {
    expect(indicesAt(40, Number.POSITIVE_INFINITY, 3, 1)).toEqual([40, 41, 42]);
  });
});
