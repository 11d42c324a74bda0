import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { drawUniform, uniformValues } from '../../src/random/kernels.ts';
import { startRuntime } from '../../src/runtime/index.ts';

describe('uniform draws', () => {
  it.each([
    [1, 2],
    [0, 0],
    [-5, 123456789],
    [2 ** 30, 7],
  ])('are the same bits in JavaScript and on the device for seed %i, %i', async (a, b) => {
    await startRuntime();
    const before = tf.memory().numTensors;
    const seed = tf.tensor1d([a, b], 'int32');
    const draws = drawUniform(seed, [3, 7]);
    expect(draws.shape).toEqual([3, 7]);
    expect([...draws.dataSync()]).toEqual([...uniformValues([a, b], 21)]);
    tf.dispose([seed, draws]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
