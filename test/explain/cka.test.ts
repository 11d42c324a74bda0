import { describe, expect, it } from 'vitest';
import { linearCka } from '../../src/explain/index.ts';
import { golden } from '../golden.ts';

type Rows = readonly (readonly number[])[];
const { alignment } = golden<{ alignment: { first: Rows; second: Rows; cka: number } }>('explanations');

describe('linearCka', () => {
  it('is the alignment of centred kernels', () => {
    expect(linearCka(alignment.first, alignment.second)).toBeCloseTo(alignment.cka, 8);
    expect(linearCka(alignment.second, alignment.first)).toBeCloseTo(alignment.cka, 8);
  });

  it('is 1 for the same rows, turned, scaled and moved, and 0 for rows that do not vary', () => {
    const turned = alignment.first.map(([a, b, c]) => [3 * b! + 1, -3 * a! + 2, 3 * c!]);
    expect(linearCka(alignment.first, turned)).toBeCloseTo(1, 10);
    expect(
      linearCka(
        alignment.first,
        alignment.first.map(() => [1, 2]),
      ),
    ).toBeCloseTo(0, 10);
  });

  it('says how many examples it takes', () => {
    expect(() => linearCka([[1], [2]], [[1]])).toThrow(
      'linearCka: expected the same examples twice, at least two, received 2 and 1. Give both networks the same inputs.',
    );
  });
});
