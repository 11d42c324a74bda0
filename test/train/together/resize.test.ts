import { describe, expect, it } from 'vitest';
import { resizedSizes } from '../../../src/train/together/resize.ts';

describe('another number of workers', () => {
  it.each([
    // Micro-batches of the same size, where they can be shared out.
    [{ batch: 8 }, 2, 1, { batch: 16, accumulate: 2 }],
    [{ batch: 16, accumulate: 2 }, 1, 2, { batch: 8, accumulate: 1 }],
    [{ batch: 12, accumulate: 3 }, 2, 6, { batch: 4, accumulate: 1 }],
    [{ batch: { a: 8, b: 4 }, accumulate: 2 }, 2, 4, { batch: { a: 4, b: 2 }, accumulate: 1 }],
    // Smaller ones.
    [{ batch: 8 }, 2, 4, { batch: 4, accumulate: 1 }],
    [{ batch: 12, accumulate: 2 }, 2, 3, { batch: 8, accumulate: 2 }],
    [{ batch: 5 }, 3, 3, { batch: 5, accumulate: 1 }],
  ])('takes %j of %d in %d: %j', (sizes, before, workers, expected) => {
    expect(resizedSizes(sizes, before, workers)).toEqual(expected);
  });

  it.each([
    [{ batch: 8 }, 2, 3, 'a step has 16 examples (batch 8 in each of 2, accumulate 1)'],
    [{ batch: { a: 6, b: 7 } }, 1, 3, 'a step has 7 examples'],
    [{ batch: 10, accumulate: 2 }, 2, 20, 'a step has 20 examples'],
  ])('cannot take %j of %d in %d', (sizes, before, workers, said) => {
    expect(() => resizedSizes(sizes, before, workers)).toThrow(said);
  });
});
