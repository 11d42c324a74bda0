import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { detached, startRuntime } from '../../../src/runtime/index.ts';

beforeAll(async () => void (await startRuntime()));

it('lets no gradient through', () => {
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const x = tf.tensor1d([1, 2, 3]);
    expect([...detached(x).dataSync()]).toEqual([1, 2, 3]);
    // d/dx of x * [x] is [x] where the second factor stands still, and 2 x where it does not.
    const gradient = tf.grad((v) => v.mul(detached(v)).sum())(x);
    expect([...gradient.dataSync()]).toEqual([1, 2, 3]);
  });
  expect(tf.memory().numTensors).toBe(before);
});
