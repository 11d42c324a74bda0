import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { disagreement } from '../golden.ts';
import { start, statisticsOf, weightings } from './statistics.ts';

const STCH = { temperature: 0.5, preference: [1, 2, 0.5], ideal: [0.1, 0, 0.2] };
const subjects = [
  ['gls', {}],
  ['stch', {}],
  ['stch', STCH],
  ['stch', { ...STCH, logarithm: true }],
  ['famo', { minimum: [0.1, 0, 0.5], learningRate: 0.5 }],
] as const;
const build = (name: string, options: object) => start(weightings.find((method) => method.name === name)!, 3, options);

describe('factors in the graph', () => {
  it.each(subjects)('%s %o: those of the host, for losses of all sizes', (name, options) => {
    const balancer = build(name, options);
    const all = [
      [0.7, 1.9, 0.4],
      [0, 1.9, 0.4],
      [0, 0, 3],
      [0, 0, 0],
      [1e-20, 1e20, 1],
      [1e-37, 1e37, 1e37],
    ];
    for (const [t, losses] of all.entries()) {
      const step = statisticsOf(t + 1, losses, [[1], [1], [1]]);
      const known = balancer.factorsBefore?.(step) ?? new Float64Array(3);
      const factors = tf.tidy(() =>
        balancer.inGraph!(tf.tensor1d(losses), tf.tensor1d([...known]), tf.ones([3]) as tf.Tensor1D).dataSync(),
      );
      // The smallest factors vanish in float32.
      expect(disagreement(factors, [...balancer.weights(step)], 1e-4, 1e-37), `losses ${losses}`).toBeLessThan(1);
      balancer.observeLossesAfter?.(Float64Array.from(losses, (loss) => loss / 2));
    }
  });

  it.each(subjects)('%s %o: the others are as without a task that takes no part', (name, options) => {
    const balancer = build(name, options);
    const step = { ...statisticsOf(1, [0.7, 0.4], [[1], [1]]), tasks: [0, 2] };
    const factors = tf.tidy(() =>
      balancer.inGraph!(tf.tensor1d([0.7, 0, 0.4]), tf.zeros([3]) as tf.Tensor1D, tf.tensor1d([1, 0, 1])).dataSync(),
    );
    const [first, last] = balancer.weights(step);
    expect(disagreement(factors, [first!, 0, last!], 1e-5, 1e-12)).toBeLessThan(1);
  });

  it.each(subjects)('%s %o: are constants to the gradient', (name, options) => {
    const balancer = build(name, options);
    const gradient = tf.tidy(() => {
      const objective = (losses: tf.Tensor1D) =>
        balancer.inGraph!(losses, tf.zeros([3]) as tf.Tensor1D, tf.ones([3]) as tf.Tensor1D)
          .mul(losses)
          .sum() as tf.Scalar;
      return tf
        .grad((losses) => objective(losses as tf.Tensor1D))(tf.tensor1d([0.7, 1.9, 0.4]))
        .dataSync();
    });
    const step = statisticsOf(1, [0.7, 1.9, 0.4], [[1], [1], [1]]);
    expect(disagreement(gradient, [...balancer.weights(step)], 1e-5, 0)).toBeLessThan(1);
  });
});
