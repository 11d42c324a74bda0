import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { startRuntime } from '../../../src/runtime/index.ts';

const { backend } = await startRuntime();

describe.skipIf(backend !== 'tensorflow')('the gradient of a 1 x 1 filter with a stride', () => {
  // Outside value: the filter reads every so many pixels, so its gradient is a product of matrices.
  it.each([
    [2, 2, 4],
    [2, 1, 3],
    [3, 2, 8],
    [2, 2, 32],
  ])('is that of the pixels it sees, by strides %d and %d over %d channels', (down, right, channels) => {
    const before = tf.memory().numTensors;
    const [rows, columns] = [Math.ceil(7 / down), Math.ceil(10 / right)];
    const x = tf.randomNormal<tf.Rank.R4>([3, 7, 10, channels], 0, 1, 'float32', 1);
    const filter = tf.randomNormal<tf.Rank.R4>([1, 1, channels, 16], 0, 1, 'float32', 2);
    const dy = tf.randomNormal<tf.Rank.R4>([3, rows, columns, 16], 0, 1, 'float32', 3);
    const convolved = (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.conv2d(x, filter, [down, right], 'same');
    // Often, since what writes beyond its memory is not noticed at once.
    for (let i = 0; i < 20; i++) {
      tf.tidy(() => {
        const [, gradient] = tf.grads(convolved as never)([x, filter], dy);
        const seen = tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, down, right, 1]).reshape([-1, channels]);
        const expected = tf.matMul(seen as tf.Tensor2D, dy.reshape([-1, 16]) as tf.Tensor2D, true, false);
        const apart = gradient!.reshape(expected.shape).sub(expected).abs().max().dataSync()[0]!;
        expect(apart).toBeLessThan(1e-4);
      });
    }
    tf.dispose([x, filter, dy]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
