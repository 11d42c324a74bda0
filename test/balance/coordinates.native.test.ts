import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { graddrop } from '../../src/balance/aggregators/graddrop.ts';
import { trimmedMean } from '../../src/balance/aggregators/trimmed-mean.ts';
import { type Randomness, RandomStream } from '../../src/random/index.ts';

const random = new RandomStream(7, 'coordinates');
const matrix = (rows: number, width: number) =>
  Array.from({ length: rows }, () => Array.from({ length: width }, () => Math.fround(random.normal())));

/** That gives these draws. */
const giving = (draws: readonly number[]) => ({ uniform: () => tf.tensor1d([...draws]) }) as unknown as Randomness;

function expectNear(received: tf.Tensor1D, expected: Float64Array): void {
  for (const [i, value] of received.dataSync().entries()) expect(value).toBeCloseTo(expected[i]!, 5);
}

describe('graddrop in the graph', () => {
  it.each([[undefined], [[0, 0.3, 1]]])('is graddrop number by number, leak %j', (leak) => {
    const rows = matrix(3, 200);
    // Coordinates at which all are 0, and all of one sign.
    for (const [k, row] of rows.entries()) [row[0], row[1], row[2]] = [0, k + 1, -k - 1];
    const uniform = rows[0]!.map(() => Math.fround(random.uniform()));
    const given = leak === undefined ? {} : { leak };
    const expected = graddrop.combine(rows, { ...given, uniform }, random);
    const received = tf.tidy(() => graddrop.combineInGraph(tf.tensor2d(rows), given, giving(uniform)));
    expectNear(received, expected);
    received.dispose();
  });
});

describe('trimmed mean in the graph', () => {
  it('is the trimmed mean number by number', () => {
    const rows = matrix(5, 50);
    const expected = trimmedMean.combine(rows, { trimNumber: 2 }, random);
    const received = tf.tidy(() => trimmedMean.combineInGraph(tf.tensor2d(rows), { trimNumber: 2 }, giving([])));
    expectNear(received, expected);
    received.dispose();
  });
});
