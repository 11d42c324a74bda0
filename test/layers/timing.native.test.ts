import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { timing } from '../../src/layers/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import type { Past } from '../../src/task/contract.ts';

beforeAll(async () => void (await startRuntime()));

const waves = (positions: number, width: number) =>
  tf.tidy(() => timing(tf.zeros([1, positions, width]), { training: false }).arraySync()[0]!);

it('marks positions by sines and cosines in turn, by hand', () => {
  const added = waves(4, 6);
  expect(added[0]).toEqual([0, 1, 0, 1, 0, 1]);
  // sin(3), cos(3); then the same of 3 * 10000^(-1/3) and 3 * 10000^(-2/3).
  const expected = [0.14112, -0.989992, 0.138798, 0.990321, 0.006463, 0.999979];
  for (const [i, value] of added[3]!.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  for (const row of waves(50, 8))
    for (let i = 0; i < 8; i += 2) expect(row[i]! ** 2 + row[i + 1]! ** 2).toBeCloseTo(1, 5);
});

it('of an odd width leaves the last cosine out, and of one position takes the one that is written', () => {
  const whole = waves(5, 7);
  expect(whole[4]).toHaveLength(7);
  tf.tidy(() => {
    const past = { at: tf.scalar(4, 'int32'), length: 5 } as Past;
    expect(timing(tf.zeros([1, 1, 7]), { training: false, past }).arraySync()[0]![0]).toEqual(whole[4]);
  });
});
