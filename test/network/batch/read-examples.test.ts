import { describe, expect, it } from 'vitest';
import { readExamples } from '../../../src/network/index.ts';
import { NO_NETWORK, type Source } from '../../../src/task/index.ts';

const read = (examples: unknown) => {
  const source = { counts: { training: 9, validation: 0, test: 0 }, read: () => examples };
  return readExamples('t', source as unknown as Source<unknown, unknown>, 'training', [5, 8], NO_NETWORK);
};
const good = { input: 0, target: 1 };

describe('a source that gives something else than examples', () => {
  it.each([
    ['nothing', undefined],
    ['nothing', Promise.resolve(undefined)],
    ['{"input":0,"target":1}', good],
  ])('gave %s', async (what, examples) => {
    await expect(read(examples)).rejects.toThrow(
      `The source of task "t" was asked for 2 training examples and gave ${what}. Expected a list with one for each index. Make its read() return an example for each index that it is given.`,
    );
  });

  it.each([[[good]], [[good, good, good]]])('too few or too many', async (examples) => {
    await expect(read(examples)).rejects.toThrow(
      `The source of task "t" was asked for 2 training examples and gave ${examples.length}. Expected one for each index. Make its read() return an example for each index that it is given.`,
    );
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['{"target":1}', { target: 1 }],
    ['a promise', Promise.resolve(good)],
  ])('%s as an example', async (what, example) => {
    await expect(read([good, example])).rejects.toThrow(
      `The source of task "t" gave ${what} as training example 8, expected { input, target }. Give the example an input, or leave it out.`,
    );
  });
});
