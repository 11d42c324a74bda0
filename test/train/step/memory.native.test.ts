import { getHeapStatistics } from 'node:v8';
import type * as tf from '@tensorflow/tfjs';
import { lastValueFrom } from 'rxjs';
import { expect, it } from 'vitest';
import { adam, convTrunk, createNetwork, denseTrunk, sgd, train, transformerTrunk } from '../../../src/index.ts';
import { BufferPool } from '../../../src/network/index.ts';
import { mostMemory } from '../../../src/runtime/index.ts';
import { showBytes } from '../../../src/show.ts';
import { blaming } from '../../../src/task/blame.ts';
import { numbersTask } from '../../fixtures.ts';

const most = showBytes(mostMemory());
const heap = showBytes(getHeapStatistics().heap_size_limit);
const refusal = (work: () => unknown): Promise<Error> =>
  Promise.resolve()
    .then(work)
    .then(
      () => new Error('no error'),
      (error) => error,
    );

it('a trunk whose weights find no room is refused before there is one', async () => {
  const begin = process.cpuUsage();
  for (const [trunk, message] of [
    [
      () => transformerTrunk({ width: 200_000, depth: 1, heads: 2 }),
      `transformerTrunk: 1 blocks of width 200000 need at least 1.9 TB for their weights, expected at most ${most}, which is what this process can have. Lower depth or width.`,
    ],
    [
      () => convTrunk({ width: 64, depth: 1e9 }),
      `convTrunk: 1000000000 blocks of width 64 need at least 18 TB for their weights, expected at most ${most}, which is what this process can have. Lower depth or width.`,
    ],
    [
      () => denseTrunk({ width: 4, depth: 1e8 }),
      `denseTrunk: 100000000 blocks of width 4 need at least 500 GB for their weights, expected at most ${heap}, which is what this process's JavaScript heap can have. Lower depth or width.`,
    ],
    [
      () => denseTrunk({ width: 4, depth: 1e300 }),
      'denseTrunk: depth must be a whole number >= 1 and at most 2^53 - 1, received 1e+300. Lower it.',
    ],
  ] as const) {
    expect((await refusal(trunk)).message).toBe(message);
  }
  expect(process.cpuUsage(begin).user / 1000).toBeLessThan(1000);
});

it('any other weight that finds no room is refused by its name', async () => {
  const task = {
    ...numbersTask('a'),
    stem: (context: { variable(name: string, shape: number[], initializer: 'zeros'): tf.Variable }) =>
      context.variable('table', [1e6, 1e8], 'zeros'),
  };
  const trunk = denseTrunk({ width: 8, depth: 1 });
  const error = await refusal(() => createNetwork({ trunk, tasks: [task as never] }));
  expect(error).toMatchObject({
    code: 'memory',
    message: `stem/a/table: with this variable of shape [1000000, 100000000] the weights of the network take 400 TB, expected at most ${most}, which is what this process can have. Lower the trunk's width or depth, or what else stem/a is made from.`,
  });
});

it('a batch that finds no room is refused before it is read', async () => {
  const network = await createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks: [numbersTask('a')] });
  const training = (options: object) =>
    refusal(() => lastValueFrom(train(network, { steps: 1, batch: 2, ...options })));
  const begin = process.cpuUsage();
  expect(await training({ batch: 1e13, optimizer: adam() })).toMatchObject({
    code: 'memory',
    message: `train: a step needs at least 200 TB, 1.3 KB for the weights and the optimiser and 200 TB for a batch with 10000000000000 examples of task "a"; expected at most ${most}, which is what this process can have. Lower \`batch\`.`,
  });
  expect((await training({ batch: { a: 1e9 }, optimizer: sgd({ learningRate: 1 }) })).message).toBe(
    `train: a batch with 1000000000 examples of task "a" needs at least 64 GB for its examples, expected at most ${heap}, which is what this process's JavaScript heap can have. Lower \`batch\`.`,
  );
  expect((await training({ steps: 1e300 })).message).toBe(
    'train: steps must be a whole number >= 1 and at most 2^53 - 1, received 1e+300. Lower it.',
  );
  expect((await training({ steps: undefined, epochs: 1e300 })).message).toMatch(
    /^train: epochs must mean at most 2\^53 - 1 steps, received /,
  );
  expect(process.cpuUsage(begin).user / 1000).toBeLessThan(1000);
  network.dispose();
});

it('memory that is not there is no fault of a plugin', () => {
  const mend = `Expected what the process can have, which is at most ${most} for all that is in it. Lower \`batch\` (or set \`accumulate\`, to go through it in parts), or the trunk's width or depth.`;
  expect(() => new BufferPool().take('float32', 2 ** 50)).toThrow(
    `A batch of ${2 ** 50} numbers: there was not enough memory (Invalid typed array length: ${2 ** 50}). ${mend}`,
  );
  const fails = () => {
    throw new Error('Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[8].');
  };
  expect(() => blaming('stem/a: forward()', 'tokens', fails)).toThrow(
    `stem/a: forward(): there was not enough memory (Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[8]). ${mend}`,
  );
});
