// Eager and as a graph, TensorFlow with all its optimisations on: the same but for rounding.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { startRuntime } from '../../../src/runtime/index.ts';
import { cases, runCase } from './cases.ts';

const { compiled } = await startRuntime();
// Where no C library is, there are no graphs: with CI=true its absence has failed the run already.
describe.skipIf(!compiled)('eager and as a graph', () => {
  it.each(cases())('$name', async (one) => {
    const eager = await runCase(one, 'eager');
    const graph = await runCase(one, 'graph');
    for (const [step, figures] of eager.figures.entries())
      for (const [i, figure] of figures.entries())
        expect(Math.abs(graph.figures[step]![i]! - figure), `step ${step + 1}, figure ${i}`).toBeLessThanOrEqual(
          1e-5 * Math.max(1e-3, Math.abs(figure)),
        );
    // Adam turns the rounding noise of a gradient of zero into whole steps.
    if (one.options?.optimizer?.kind.startsWith('adam')) return;
    for (const [name, weights] of eager.weights) {
      const largest = weights.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
      const received = graph.weights.get(name)!;
      const apart = weights.reduce((worst, weight, i) => Math.max(worst, Math.abs(received[i]! - weight)), 0);
      expect(apart, name).toBeLessThanOrEqual(1e-4 * largest);
    }
  });
});

it('runs on a TensorFlow with a C library', () => {
  if (process.env.CI === 'true') expect(compiled).toBe(true);
  else expect(tf.getBackend()).toMatch(/tensorflow|cpu/);
});
