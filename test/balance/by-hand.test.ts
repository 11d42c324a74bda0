// Methods for which there are no values from outside: a step or two of each, worked by hand from the paper's equation. And what
// the others remember from step to step.
import { describe, expect, it } from 'vitest';
import { graddrop } from '../../src/balance/aggregators/graddrop.ts';
import { methodNamed } from '../../src/balance/index.ts';
import { gramOf } from '../../src/balance/linear/products.ts';
import type { GramMethod, Matrix, MethodState, StepStatistics } from '../../src/balance/method.ts';
import { checkOptions } from '../../src/balance/options.ts';
import { RandomStream } from '../../src/random/index.ts';
import type { Json } from '../../src/task/contract.ts';
import { aggregators } from './statistics.ts';

function balancer(name: string, tasks: number, options: Readonly<Record<string, unknown>> = {}): MethodState {
  const method = methodNamed(name) as GramMethod;
  return method.create(checkOptions(method, options) as never, tasks);
}

const given = (gram: Matrix, more: Partial<StepStatistics> = {}): StepStatistics => ({
  step: 1,
  losses: new Float64Array(gram.length),
  gram,
  random: new RandomStream(1, 'test'),
  ...more,
});

function expectClose(got: Float64Array, expected: readonly number[]): void {
  expect(got.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(got[i]).toBeCloseTo(value, 12);
  });
}

it('random: the softmax of normal draws', () => {
  // Draws 0 and log 3: powers 1 and 3, of sum 4.
  const draws = [0, Math.log(3)];
  const random = { normal: () => draws.shift()! } as RandomStream;
  expectClose(balancer('random', 2).weights(given([[1], [1]], { random })), [1 / 4, 3 / 4]);
});

describe('gradvac', () => {
  it('brings the cosine to its target, which follows the cosines (equation 2)', () => {
    const method = balancer('gradvac', 2, { beta: 0.5 });
    // g1 = (1, 0), g2 = (-3, 4): φ = -3/5, its sine 4/5; targets 0.
    // Task 1 adds |g1| (0 · 4/5 + 3/5 · 1) / (|g2| · 1) = 3/25 of g2, task 2 adds |g2| · 3/5 / |g1| = 3 of g1.
    const first = [
      [1, 0],
      [-3, 4],
    ];
    expectClose(method.weights(given(gramOf(first))), [1 + 3, 1 + 3 / 25]);
    // Both targets: 0/2 - (3/5)/2.
    expect(method.state!()).toEqual([
      [0, -0.3],
      [-0.3, 0],
    ]);
    // g1 = (1, 0), g2 = (-4, 3): φ = -4/5, its sine 3/5; target -3/10, its sine s = sqrt(91)/10.
    // Task 1 adds (-3/10 · 3/5 + 4/5 s) / (5 s) = 4/25 - 9/(250 s) of g2, task 2 adds 25 times as much of g1.
    const second = [
      [1, 0],
      [-4, 3],
    ];
    const share = 4 / 25 - 9 / (25 * Math.sqrt(91));
    expectClose(method.weights(given(gramOf(second))), [1 + 25 * share, 1 + share]);
    // The cosine of g1 + share g2 with g2 is the target.
    const [x, y] = [1 - 4 * share, 3 * share];
    expect((-4 * x + 3 * y) / 5 / Math.hypot(x, y)).toBeCloseTo(-0.3, 12);
  });

  it('leaves gradients alone whose cosine is above its target, and lets the target follow', () => {
    const method = balancer('gradvac', 2, { beta: 0.5 });
    const gram = [
      [1, 0.6],
      [0.6, 1],
    ];
    expectClose(method.weights(given(gram)), [1, 1]);
    expect(method.state!()).toEqual([
      [0, 0.3],
      [0.3, 0],
    ]);
  });
});

it('sdmgrad: projected steps down the slope from two batches, then towards the mean (algorithm 1)', () => {
  const method = balancer('sdmgrad', 2, { lambda: 0.5, rate: 0.5, iterations: 1 });
  // Mean length 1. w = (1/2, 1/2), w + λ/2 = (3/4, 3/4), slope (0, 3/2); w - slope/2 = (1/2, -1/4) has sum 1/4:
  // 3/8 more each, (7/8, 1/8). The update's weights: (7/8 + 1/4, 1/8 + 1/4) / (3/2).
  const unit = [
    [1, 0],
    [0, 1],
  ];
  const cross = [
    [1, -1],
    [0, 2],
  ];
  expectClose(method.weights(given(unit, { cross })), [3 / 4, 1 / 4]);
  // Mean length 2, so products are divided by 4: slope (9/8, 3/8) / 2; w - slope/2 = (19/32, 1/32) has sum 5/8: 3/16 more each.
  const longer = [
    [4, 0],
    [0, 4],
  ];
  const doubled = [
    [2, 0],
    [0, 2],
  ];
  expectClose(method.weights(given(longer, { cross: doubled })), [11 / 16, 5 / 16]);
});

it('moco: projected steps by the products of the averages, which the caller keeps (algorithm 1)', () => {
  const method = balancer('moco', 2, { beta: 0.5, gamma: 0.5, gammaDecay: 0, rho: 0.5 });
  expect([...method.averagingRates!({ step: 1 })]).toEqual([1, 1]);
  // λ = (1/2, 1/2), slope (1/2 + 1/4, 3/2 + 1/4); λ - slope/2 = (1/8, -3/8) has sum -1/4: 5/8 more each.
  const first = [
    [1, 0],
    [0, 3],
  ];
  expectClose(method.weights(given(first)), [3 / 4, 1 / 4]);
  expect([4, 16].map((step) => [...method.averagingRates!({ step, tasks: [1] })])).toEqual([[0.25], [0.125]]);
  // Slope (7/4 + 3/8, 5/4 + 1/8); λ - slope/2 = (-5/16, -7/16) has sum -3/4: 7/8 more each.
  const second = [
    [2, 1],
    [1, 2],
  ];
  expectClose(method.weights(given(second, { step: 2 })), [9 / 16, 7 / 16]);
  // gamma / 4^(1/2) = 1/4: λ - slope/4 = (5/16, 1/16) has sum 3/8: 5/16 more each.
  expectClose(balancer('moco', 2, { gamma: 0.5, rho: 0.5 }).weights(given(first, { step: 4 })), [5 / 8, 3 / 8]);
});

it('modo: projected steps by the products of two batches (algorithm 1)', () => {
  const method = balancer('modo', 2, { gamma: 0.5, rho: 0.5 });
  // λ = (1/2, 1/2), slope (0 + 1/4, 1 + 1/4); λ - slope/2 = (3/8, -1/8) has sum 1/4: 3/8 more each.
  const first = [
    [1, -1],
    [0, 2],
  ];
  expectClose(method.weights(given(first, { cross: first })), [3 / 4, 1 / 4]);
  // Slope (1/4 + 3/8, 3/4 + 1/8); λ - slope/2 = (7/16, -3/16) has sum 1/4: 3/8 more each.
  const second = [
    [0, 1],
    [1, 0],
  ];
  expectClose(method.weights(given(second, { cross: second })), [13 / 16, 3 / 16]);
});

describe('draws', () => {
  const rows = [
    [1, 2, -1],
    [-2, 1, 0.5],
    [0.5, -3, 1],
  ];

  it('pcgrad: the mean over many random orders is that over all', () => {
    const [drawn, all] = [balancer('pcgrad', 3), balancer('pcgrad', 3, { order: 'mean_over_all_permutations' })];
    const random = new RandomStream(1, 'orders');
    const sums = [0, 0, 0];
    for (let draw = 0; draw < 4000; draw++) {
      drawn.weights(given(gramOf(rows), { random })).forEach((weight, i) => {
        sums[i]! += weight / 4000;
      });
    }
    all.weights(given(gramOf(rows))).forEach((weight, i) => {
      expect(Math.abs(sums[i]! - weight)).toBeLessThan(0.02);
    });
  });

  it('graddrop: positive numbers are kept as often as their share', () => {
    const random = new RandomStream(1, 'signs');
    const column = [[3], [-1]];
    let positive = 0;
    for (let draw = 0; draw < 4000; draw++) {
      const [value] = graddrop.combine(column, {}, random);
      expect([3, -1]).toContain(value);
      if (value === 3) positive++;
    }
    expect(Math.abs(positive / 4000 - 3 / 4)).toBeLessThan(0.02);
  });
});

describe('what is kept between steps', () => {
  const stream = new RandomStream(7, 'rows');
  const steps = Array.from({ length: 6 }, () =>
    Array.from({ length: 3 }, () => Array.from({ length: 5 }, () => stream.normal())),
  );
  const at = (index: number) => {
    const gram = gramOf(steps[index]!);
    return given(gram, { step: index + 1, cross: gram, random: new RandomStream(index, 'step') });
  };

  it.each([
    ['gradvac', { beta: 0.3 }],
    ['nash-mtl', { updateEvery: 4 }],
    ['sdmgrad', {}],
    ['moco', {}],
    ['modo', { gamma: 0.1 }],
  ] as const)('%s goes on from its state to the bit', (name, options) => {
    const whole = balancer(name, 3, options);
    const all = steps.map((_, i) => [...whole.weights(at(i))]);
    const before = balancer(name, 3, options);
    for (let i = 0; i < 3; i++) before.weights(at(i));
    const after = balancer(name, 3, options);
    after.restore!(JSON.parse(JSON.stringify(before.state!())) as Json);
    for (let i = 3; i < 6; i++) expect([...after.weights(at(i))]).toEqual(all[i]);
  });

  it('nash-mtl keeps its weights for so many steps, and its bound at each', () => {
    const unbounded = balancer('nash-mtl', 3, { maxNorm: 0, updateEvery: 2 });
    const all = steps.map((_, i) => [...unbounded.weights(at(i))]);
    expect(all[1]).toEqual(all[0]);
    expect(all[2]).not.toEqual(all[1]);
    expect(all[3]).toEqual(all[2]);
    const bounded = balancer('nash-mtl', 3, { maxNorm: 0.5, updateEvery: 2 });
    for (const [i, rows] of steps.entries()) {
      const weights = bounded.weights(at(i));
      const update = rows[0]!.map((_, column) => rows.reduce((sum, row, k) => sum + weights[k]! * row[column]!, 0));
      expect(Math.hypot(...update)).toBeLessThanOrEqual(0.5 + 1e-12);
    }
  });

  it('nash-mtl has a state before its first step', () => {
    const fresh = balancer('nash-mtl', 3);
    expect(fresh.state!()).toEqual({ weights: [null, null, null], age: 0 });
    fresh.restore!(fresh.state!());
    expect([...fresh.weights(at(0))]).toEqual([...balancer('nash-mtl', 3).weights(at(0))]);
  });
});

describe('products summed in float32', () => {
  // Of a flat fan of gradients: rounding leaves the matrix of products with negative eigenvalues.
  const rows = Array.from({ length: 8 }, (_, i) => [1, (i - 3) * 1e-3, (i - 3) ** 2 * 1e-6]);
  const flat = gramOf(rows).map((row) => row.map(Math.fround));
  const conflicting = gramOf([...rows.slice(0, 4), ...rows.slice(4).map((row) => row.map((value) => -value))]).map(
    (row) => row.map(Math.fround),
  );
  const methods = aggregators.filter(({ needs }) => needs.includes('gram')).map(({ name }) => name);

  it.each(methods)('%s stays finite', (name) => {
    for (const gram of [flat, conflicting]) {
      const weights = balancer(name, 8).weights(given(gram, { cross: gram }));
      expect([...weights].every(Number.isFinite)).toBe(true);
    }
  });
});
