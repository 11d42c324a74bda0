// For tests on the device: where TensorFlow must be there, its absence is a failure; and no tensor may outlive a test file.
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect } from 'vitest';
import { startRuntime } from '../../src/runtime/index.ts';

let before = 0;

beforeAll(async () => {
  await startRuntime(process.env.CI === 'true' ? { require: 'tensorflow' } : {});
  before = tf.memory().numTensors;
});

afterAll(() => {
  expect(tf.memory().numTensors - before, 'tensors that outlive this file').toBe(0);
});
