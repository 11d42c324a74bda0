import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Average,
  averageKinds,
  checkpointAverage,
  exponentialAverage,
  stochasticAverage,
} from '../../../src/optimise/index.ts';
import { startRuntime } from '../../../src/runtime/index.ts';
import { disagreement } from '../../golden.ts';

const reference = JSON.parse(readFileSync(new URL('averages.json', import.meta.url), 'utf8')) as {
  readonly sequence: readonly number[][];
  readonly exponential: Readonly<Record<string, readonly number[][]>>;
  readonly stochastic: readonly (number[] | null)[];
  readonly last3: readonly number[][];
};

/** The average after each of the weights of the sequence; null while nothing was taken in. */
function averagesOf(average: Average): (number[] | null)[] {
  const zeros = () => tf.tidy(() => tf.variable(tf.zeros([3])));
  const slots = Object.fromEntries(average.slots.map((name) => [name, zeros()]));
  const before = tf.memory().numTensors;
  const averages = reference.sequence.map((weights, i) => {
    const taken = average.taken(i + 1);
    if (taken > average.taken(i))
      tf.tidy(() =>
        average.take(
          tf.tensor1d(weights),
          slots,
          average.numbers(taken).map((number) => tf.scalar(number)),
        ),
      );
    return taken === 0 ? null : [...slots[average.slots[0]]!.dataSync()];
  });
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose(Object.values(slots));
  return averages;
}

function expectAverages(average: Average, expected: readonly (number[] | null)[]): void {
  for (const [i, values] of averagesOf(average).entries()) {
    if (expected[i] === null) expect(values).toBeNull();
    else expect(disagreement(values!, expected[i], 1e-5, 1e-6), `after ${i + 1}`).toBeLessThan(1);
  }
}

describe('averages of weights', () => {
  beforeAll(async () => {
    await startRuntime();
  });

  it.each(Object.keys(reference.exponential))('exponential, decay %s: as of pandas, from the first on', (decay) => {
    expectAverages(exponentialAverage({ decay: Number(decay) }), reference.exponential[decay]!);
  });

  it('stochastic: as of PyTorch, from one on, some apart', () => {
    expectAverages(stochasticAverage({ from: 3, every: 2 }), reference.stochastic);
  });

  it('checkpoints: the mean of the last, or of as many as there are', () => {
    expectAverages(checkpointAverage({ every: 1, last: 3 }), reference.last3);
    const everyOther = reference.sequence.map((_, i) => {
      const kept = reference.sequence.slice(0, i + 1).filter((_, j) => j % 2 === 1);
      const newest = kept.slice(-2);
      return kept.length === 0
        ? null
        : [0, 1, 2].map((at) => newest.reduce((sum, weights) => sum + weights[at]!, 0) / newest.length);
    });
    expectAverages(checkpointAverage({ every: 2, last: 2 }), everyOther);
    expectAverages(checkpointAverage({ every: 1, last: 1 }), reference.sequence);
  });

  it('are made of what a file says', () => {
    const kinds = averageKinds.kinds().map(({ kind }) => kind);
    expect(kinds).toEqual(['checkpoints', 'exponential', 'stochastic']);
    expect(averageKinds.build({ kind: 'exponential', decay: 0.99, use: 'raw' }).config).toEqual({
      kind: 'exponential',
      decay: 0.99,
      use: 'raw',
    });
  });

  it('say which number is wrong', () => {
    expect(() => exponentialAverage({ decay: 1 })).toThrow(
      'exponentialAverage: decay must be a number >= 0 and < 1, received 1. Lower it below 1.',
    );
    expect(() => stochasticAverage({ from: 0 })).toThrow(
      'stochasticAverage: from must be a whole number >= 1, received 0. Raise it to 1 or more.',
    );
    expect(() => checkpointAverage({ every: 10, last: 0 })).toThrow(
      'checkpointAverage: last must be a whole number >= 1, received 0. Raise it to 1 or more.',
    );
  });
});
