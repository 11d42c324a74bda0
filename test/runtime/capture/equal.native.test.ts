// Eager and as a graph, TensorFlow with all its optimisations on: the same but for rounding.
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { startRuntime } from '../../../src/runtime/index.ts';
import { cases, jointCase, type Run, runCase } from './cases.ts';

const { compiled } = await startRuntime();
// Where no C library is, there are no graphs: with CI=true its absence has failed the run already.
/** Losses and norms of all steps, the gradient of the first (apart by so much of its norm), and the weights at the end. */
function expectEqual(eager: Run, graph: Run, adam: boolean, tolerated = 1e-5): void {
  for (const [step, figures] of eager.figures.entries()) {
    for (const [i, figure] of figures.entries()) {
      // Losses, and last the norm of the gradient, which is the more sensitive figure.
      const tolerance = i === figures.length - 1 ? 1e-4 : 1e-5;
      const apart = Math.abs(graph.figures[step]![i]! - figure);
      expect(apart, `step ${step + 1}, figure ${i}`).toBeLessThanOrEqual(tolerance * Math.max(1e-3, Math.abs(figure)));
    }
  }
  const flat = ({ gradient }: Run) => Object.values(gradient).flatMap((values) => [...values]);
  const [a, b] = [flat(eager), flat(graph)];
  const norm = (values: readonly number[]) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  expect(norm(a.map((value, i) => value - b[i]!))).toBeLessThanOrEqual(tolerated * norm(a));
  // Adam turns the rounding noise of a gradient of zero into whole steps.
  if (adam) return;
  const largest = [...eager.weights.values()]
    .flatMap((values) => [...values])
    .reduce((m, w) => Math.max(m, Math.abs(w)), 0);
  for (const [name, weights] of eager.weights) {
    const received = graph.weights.get(name)!;
    const apart = weights.reduce((worst, weight, i) => Math.max(worst, Math.abs(received[i]! - weight)), 0);
    expect(apart, name).toBeLessThanOrEqual(1e-4 * largest);
  }
}

const joint = jointCase();

describe.skipIf(!compiled)('eager and as a graph', () => {
  it.each(cases())('$name', async (one) => {
    const [eager, graph] = [await runCase(one, 'eager'), await runCase(one, 'graph')];
    expectEqual(eager, graph, one.options?.optimizer?.kind.startsWith('adam') ?? false);
  });

  it.skipIf(joint === undefined)(
    'the joint network on real pictures, speech and sentences',
    { timeout: 120_000 },
    async () => {
      // Of its ten million ReLUs one or another has a sum within rounding of 0, and stands on the other side of it in the
      // kernels: one such unit of one token moves the gradient by 3e-5 of its norm, where all others differ by 1e-7.
      expectEqual(await runCase(joint!, 'eager'), await runCase(joint!, 'graph'), false, 2e-4);
    },
  );
});

it('runs on a TensorFlow with a C library', () => {
  if (process.env.CI === 'true') expect(compiled).toBe(true);
  else expect(tf.getBackend()).toMatch(/tensorflow|cpu/);
});
