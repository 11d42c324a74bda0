import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { clipByGlobalNorm, globalNorm } from '../../src/optimise/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { disagreement, golden } from '../golden.ts';

interface Case {
  readonly id: string;
  readonly max_norm: number;
  readonly grads: readonly number[][];
  readonly total_norm: number;
  readonly clipped: readonly number[][];
}

describe('clipping by the global norm', () => {
  beforeAll(async () => {
    await startRuntime();
  });

  it.each(golden<{ clipping: Case[] }>('optimizers').clipping)('$id', (example) => {
    const before = tf.memory().numTensors;
    const gradients = example.grads.map((gradient) => tf.tensor(gradient));
    const { clipped, norm } = clipByGlobalNorm(gradients, example.max_norm);
    expect(disagreement(norm.dataSync(), example.total_norm, 1e-5, 0)).toBeLessThan(1);
    expect(clipped.map((gradient) => gradient.shape)).toEqual(gradients.map((gradient) => gradient.shape));
    const numbers = clipped.flatMap((gradient) => [...gradient.dataSync()]);
    expect(disagreement(numbers, example.clipped, 1e-5, 1e-7)).toBeLessThan(1);
    tf.dispose([...gradients, ...clipped, norm]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('has norm 0 for no gradients, and changes none that are 0', () => {
    tf.tidy(() => {
      expect(globalNorm([]).dataSync()[0]).toBe(0);
      const { clipped, norm } = clipByGlobalNorm([tf.zeros([3])], 1);
      expect(norm.dataSync()[0]).toBe(0);
      expect([...clipped[0]!.dataSync()]).toEqual([0, 0, 0]);
    });
  });
});
