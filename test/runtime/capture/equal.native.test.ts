// Eager and as a graph, TensorFlow with all its optimisations on: the same but for rounding.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as audio from 'banyan-ml/heads/audio';
import * as control from 'banyan-ml/heads/control';
import * as table from 'banyan-ml/heads/table';
import * as text from 'banyan-ml/heads/text';
import * as vision from 'banyan-ml/heads/vision';
import { describe, expect, it } from 'vitest';
import * as banyan from '../../../src/index.ts';
import { startRuntime } from '../../../src/runtime/index.ts';
import { filesIn, root } from '../../repository.ts';
import { cases, gradientOf, jointCase, type Run, runCase } from './cases.ts';

const { compiled } = await startRuntime();
// Where no C library is, there are no graphs: with CI=true its absence has failed the run already.

/** How far two gradients are apart, in norms of the first. */
function gapOf(eager: Run['gradient'], graph: Run['gradient']): number {
  const norm = (values: readonly number[]) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  const [a, b] = [eager, graph].map((gradient) => Object.values(gradient).flatMap((values) => [...values]));
  return norm(a!.map((value, i) => value - b![i]!)) / norm(a!);
}

/** Losses and norms of all steps, and the weights at the end. */
function expectEqual(eager: Run, graph: Run, scaled: boolean): void {
  for (const [step, figures] of eager.figures.entries()) {
    for (const [i, figure] of figures.entries()) {
      // Losses, and last the norm of the gradient, which is the more sensitive figure.
      const tolerance = i === figures.length - 1 ? 1e-4 : 1e-5;
      const apart = Math.abs(graph.figures[step]![i]! - figure);
      expect(apart, `step ${step + 1}, figure ${i}`).toBeLessThanOrEqual(tolerance * Math.max(1e-3, Math.abs(figure)));
    }
  }
  // An optimiser that scales gradients turns the rounding noise of one of zero into whole steps.
  if (scaled) return;
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
    expect(gapOf(eager.gradient, graph.gradient)).toBeLessThanOrEqual(1e-5);
    expectEqual(eager, graph, (one.options?.optimizer?.kind ?? 'sgd') !== 'sgd');
  });

  it.skipIf(joint === undefined)(
    'the joint network on real pictures, speech and sentences',
    { timeout: 120_000 },
    async () => {
      const [eager, graph] = [await runCase(joint!, 'eager'), await runCase(joint!, 'graph')];
      expectEqual(eager, graph, false);
      // Now and then one of its millions of ReLUs has a sum within rounding of 0, and stands on the other side of it in the
      // graph: that one unit of one token moves the gradient by up to 1e-4 of its norm, so one of three seeds may have it.
      const gaps = [gapOf(eager.gradient, graph.gradient)];
      for (const seed of [4, 5]) {
        const [one, other] = [await gradientOf(joint!, 'eager', seed), await gradientOf(joint!, 'graph', seed)];
        gaps.push(gapOf(one, other));
      }
      const [, middle, largest] = gaps.sort((a, b) => a - b);
      expect(middle).toBeLessThanOrEqual(1e-5);
      expect(largest).toBeLessThanOrEqual(2e-4);
    },
  );
});

it('is held for every head, stem, trunk and optimiser there is', () => {
  const files = ['heads', 'src/trunk', 'src/optimise'].flatMap((folder) => filesIn(folder, /\.ts$/));
  // Functions are indented to nothing, so a line that begins with a brace ends them.
  const factory = /^export function (\w+)(?:(?!^\}).)*?\): (?:HeadFactory|StemFactory|Trunk|Optimizer)\b/gms;
  const made = files
    .flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(factory)].map(([, name]) => name!))
    .filter((name) => [banyan, audio, control, table, text, vision].some((surface) => name in surface));
  expect(made).toEqual(expect.arrayContaining(['convStem', 'classifier', 'ple', 'adamW']));
  const held = filesIn('test/runtime/capture', /cases\.ts$/)
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join();
  expect(made.filter((name) => !held.includes(`${name}(`))).toEqual([]);
});

it('runs on a TensorFlow with a C library', () => {
  if (process.env.CI === 'true') expect(compiled).toBe(true);
  else expect(tf.getBackend()).toMatch(/tensorflow|cpu/);
});
