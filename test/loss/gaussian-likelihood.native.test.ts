import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { gaussianLikelihood } from '../../src/loss/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { disagreement, golden } from '../golden.ts';

beforeAll(async () => void (await startRuntime()));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

interface Spread {
  readonly inputs: Readonly<Record<'input' | 'target' | 'var', number[][]>>;
  readonly value: number;
  readonly grads: Readonly<Record<'input' | 'var', number[][]>>;
}
const [{ inputs, value, grads }] = golden<{ spread: readonly [Spread] }>('losses').spread;

describe('gaussianLikelihood', () => {
  it('is that of PyTorch, with its gradients', () => {
    const loss = gaussianLikelihood();
    const target = tf.tensor2d(inputs.target);
    const output = tf.tensor2d(inputs.input.map((means, i) => [...means, ...inputs.var[i]!.map(Math.log)]));
    expect(loss(output, target).mean().dataSync()[0]).toBeCloseTo(value, 6);
    const gradient = tf
      .grad((x) => loss(x, target).mean())(output)
      .dataSync();
    // By the logarithm of a variance it is that by the variance, times the variance.
    const expected = grads.input.map((means, i) => [...means, ...grads.var[i]!.map((g, j) => g * inputs.var[i]![j]!)]);
    expect(disagreement(gradient, expected, 1e-5, 1e-6)).toBeLessThanOrEqual(1);
  });

  it('leaves out numbers that are missing', () => {
    const loss = gaussianLikelihood();
    const part = loss(tf.tensor2d([[1, 9, 0.5, 3]]), tf.tensor2d([[2, Number.NaN]])).dataSync()[0]!;
    expect(part).toBeCloseTo(loss(tf.tensor2d([[1, 0.5]]), tf.tensor1d([2])).dataSync()[0]!, 6);
  });

  it('has a bound where a variance goes to 0, and a gradient that leads back', () => {
    const loss = gaussianLikelihood();
    const output = tf.tensor2d([[0, -200]]);
    const losses = loss(output, tf.tensor1d([1]));
    expect(losses.dataSync()[0]! / ((1e6 + Math.log(1e-6)) / 2)).toBeCloseTo(1, 5);
    const slope = tf
      .grad((x) => loss(x, tf.tensor1d([1])).sum())(output)
      .dataSync()[1]!;
    // A step against it makes the variance grow.
    expect(slope).toBeLessThan(0);
  });

  it('says what does not fit', () => {
    expect(() => gaussianLikelihood()(tf.zeros([2, 3]), tf.zeros([2, 3]))).toThrow(
      'gaussianLikelihood: an output of shape [2,3] for a target of shape [2,3], expected a mean and a log-variance for each number. Give the head two outputs for each number: [batch, 2 n].',
    );
  });
});
