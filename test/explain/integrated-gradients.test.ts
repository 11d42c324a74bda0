import { describe, expect, it } from 'vitest';
import { integratedGradients, type Point, type Subject } from '../../src/explain/index.ts';

/** The outcome of one number: as steep near 0 as a normalisation is, which divides by the size of what it is given. */
const WIDTH = 1e-6;
const outcome = (x: number) => x / Math.hypot(x, WIDTH) + x * x;
const slope = (x: number) => WIDTH ** 2 / Math.hypot(x, WIDTH) ** 3 + 2 * x;

function subjectAt(x: number): Subject & { readonly counts: readonly number[] } {
  const counts: number[] = [];
  return {
    counts,
    parts: [{ shape: [1], axes: 1 }],
    input: [Float32Array.of(x)],
    baselines: [[Float32Array.of(0)]],
    outputs: async (count, pointAt) => Float64Array.from({ length: count }, (_, i) => outcome(pointAt(i)[0]![0]!)),
    gradients: async (count, pointAt, take) => {
      counts.push(count);
      for (let i = 0; i < count; i++) take(i, [Float32Array.of(slope(pointAt(i)[0]![0]!))] as Point);
    },
    attention: async () => [],
    blocks: async () => [],
  };
}

describe('integratedGradients', () => {
  it('sums up where the outcome jumps near the baseline, by points that lie closer there', async () => {
    const subject = subjectAt(2);
    const [values] = await integratedGradients().attribute(subject);
    expect(Math.abs(values![0]! / (outcome(2) - outcome(0)) - 1)).toBeLessThan(0.01);
    expect(subject.counts.length).toBeGreaterThan(1);
    expect(subject.counts.at(-1)).toBeLessThan(1024);
  });

  it('misses it by points that do not, however many', async () => {
    const [values] = await integratedGradients({ steps: 1024 }).attribute(subjectAt(2));
    expect(Math.abs(values![0]! / (outcome(2) - outcome(0)) - 1)).toBeGreaterThan(0.01);
  });
});
