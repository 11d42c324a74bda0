// Every loss is the same operation by operation and as a graph, and so is its gradient.
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Loss, lossKinds } from '../../src/loss/index.ts';
import { createRunner, type HostTensor, type Runner, startRuntime } from '../../src/runtime/index.ts';
import { disagreement } from '../golden.ts';

const { compiled } = await startRuntime();

const floats = (shape: readonly number[], valueAt: (i: number) => number): HostTensor => ({
  shape,
  dtype: 'float32',
  values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => valueAt(i)),
});
const ints = (shape: readonly number[], values: readonly number[]): HostTensor => ({
  shape,
  dtype: 'int32',
  values: Int32Array.from(values),
});
const output = (...shape: number[]) => floats(shape, (i) => 2 * Math.sin(3 * i + 1));
const numbers = floats([3, 4], (i) => Math.cos(5 * i));
const tags = floats([3, 4], (i) => (i === 5 ? Number.NaN : Number(i % 3 === 0)));

/** An output and a target for each kind of loss. */
const CASES: Readonly<Record<string, readonly [output: HostTensor, target: HostTensor, options?: object]>> = {
  'absolute-error': [output(3, 4), numbers],
  'binary-cross-entropy': [output(3, 4), tags, { positiveWeights: [1, 2, 3, 4] }],
  'binary-focal': [output(3, 4), tags, { alpha: 0.25 }],
  corn: [output(3, 4), ints([3], [0, 4, 2])],
  'cross-entropy': [output(3, 4), ints([3], [0, 3, 2]), { labelSmoothing: 0.1, classWeights: [1, 2, 3, 4] }],
  ctc: [output(3, 6, 4), ints([3, 3], [1, 1, 2, 3, 0, 0, 0, 0, 0])],
  dice: [output(3, 5, 4), ints([3, 5], [0, 1, 2, 3, -1, 0, 0, 0, 0, 1, 3, 3, 3, 3, 3])],
  focal: [output(3, 4), ints([3], [0, 3, 2]), { classWeights: [1, 2, 3, 4] }],
  'gaussian-likelihood': [output(3, 8), numbers],
  huber: [output(3, 4), numbers, { delta: 0.5 }],
  'info-nce': [output(5, 4), ints([5], [1, 2, 1, 0, 2])],
  'sequence-cross-entropy': [output(3, 2, 4), ints([3, 2], [1, 2, 3, 0, 0, 0])],
  'squared-error': [output(3, 4), numbers],
};

describe.skipIf(!compiled)('as a graph', () => {
  let runner: Runner;
  beforeAll(() => {
    runner = createRunner();
  });
  afterAll(() => runner.dispose());

  it.each(lossKinds.kinds().map(({ kind }) => kind))('%s', async (kind) => {
    const [logits, target, options] = CASES[kind]!;
    const loss: Loss = lossKinds.build({ kind, ...options });
    const computation = {
      kind: 'test',
      key: ['loss', kind],
      inputs: [logits, target],
      variables: [],
      trace: ([x, y]: readonly tf.Tensor[]) => ({
        losses: loss(x!, y!),
        gradient: tf.grad((at) => loss(at, y!).sum())(x!),
      }),
    } as const;
    const before = tf.memory().numTensors;
    const [eager, graph] = [await runner.run(computation, 'eager'), await runner.run(computation, 'graph')];
    expect(tf.memory().numTensors).toBe(before);
    for (const name of ['losses', 'gradient'] as const) {
      const values = eager[name]!.values as Float32Array;
      expect(values.every(Number.isFinite)).toBe(true);
      expect(values.some((value) => value !== 0)).toBe(true);
      expect(disagreement(graph[name]!.values as Float32Array, [...values], 1e-5, 1e-6)).toBeLessThanOrEqual(1);
    }
  });
});
