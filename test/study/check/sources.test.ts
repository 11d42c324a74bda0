import { describe, expect, it } from 'vitest';
import { sameExamples } from '../../../src/study/check/sources.ts';
import { NO_NETWORK, type Source } from '../../../src/task/index.ts';

const numbered = (training: number): Source<unknown, unknown> => ({
  counts: { training, validation: 0, test: 0 },
  read: (_, indices) => indices.map((index) => ({ input: index, target: index })),
});

async function inputsOf(source: Source<unknown, unknown>, indices: readonly number[]) {
  const examples = await source.read('training', indices, NO_NETWORK);
  return examples.map(({ input }) => input as number);
}

describe('the examples that are learned by heart', () => {
  it('are drawn from all of them, and come again and again', async () => {
    const source = sameExamples(numbered(1000), 10);
    expect(source.counts).toEqual({ training: 10, validation: 10, test: 0 });
    const inputs = await inputsOf(source, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(new Set(inputs).size).toBe(10);
    // Of sorted classes the first examples are all of one.
    expect(new Set(inputs.map((input) => Math.floor(input / 250))).size).toBeGreaterThan(2);
    expect(await inputsOf(source, [10, 3])).toEqual([inputs[0], inputs[3]]);
  });

  it('are all there are of a few, and the first of those without end', async () => {
    expect(await inputsOf(sameExamples(numbered(3), 10), [0, 1, 2])).toEqual([0, 1, 2]);
    expect(await inputsOf(sameExamples(numbered(Number.POSITIVE_INFINITY), 3), [0, 1, 2])).toEqual([0, 1, 2]);
  });
});
