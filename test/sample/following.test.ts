// Samplers that follow losses and evaluations, against their rules worked out by hand.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BanyanError } from '../../src/index.ts';
import { RandomStream } from '../../src/plugin.ts';
import { Exp3S } from '../../src/sample/exp3s.ts';
import { GainScale } from '../../src/sample/gain-scale.ts';
import { bandit, byLoss, type SamplerState, validation } from '../../src/sample/index.ts';
import { begin, CRITICAL, chiSquare, countDraws, tasksOf } from './draws.ts';

const random = new RandomStream(0, 'none');
const DRAWS = 6000;
const losses = (entries: Readonly<Record<number, number>>) =>
  new Map(Object.entries(entries).map(([k, loss]) => [Number(k), loss]));
/** Draws by these weights. */
function expectWeights(state: SamplerState, weights: readonly number[]): void {
  const sum = weights.reduce((a, b) => a + b, 0);
  const counts = countDraws(state, DRAWS, { tasks: weights.length });
  const expected = Object.fromEntries(weights.map((weight, k) => [k, weight / sum]));
  expect(chiSquare(counts, expected)).toBeLessThan(CRITICAL[weights.length - 1]!);
}

describe('by loss', () => {
  it('draws by what is left of the first loss', () => {
    const state = begin(byLoss({ decay: 0.5, uniform: 0 }), [1, 1, 1]);
    expectWeights(state, [1, 1, 1]);
    state.observeStep!({ step: 1, losses: losses({ 0: 4, 1: 10 }), random });
    state.observeStep!({ step: 2, losses: losses({ 0: 2 }), random });
    state.observeStep!({ step: 3, losses: losses({ 0: 1, 1: 2 }), random });
    // a: (4 / 2 + 2 / 2) / 2 + 1 / 2 = 2 of 4; b: 10 / 2 + 2 / 2 = 6 of 10; c was not seen.
    expect(state.state!()).toEqual({ first: [4, 10, null], means: [2, 6, null] });
    expectWeights(state, [0.5, 0.6, 1]);
    const squared = begin(byLoss({ decay: 0.5, uniform: 0.2, power: 2 }), [1, 1, 1]);
    squared.restore!(state.state!());
    const sum = 0.25 + 0.36 + 1;
    expectWeights(
      squared,
      [0.25, 0.36, 1].map((each) => (0.8 * each) / sum + 0.2 / 3),
    );
  });

  it('draws on where a loss is 0, or never was above it', () => {
    const state = begin(byLoss({ decay: 0, uniform: 0 }), [1, 1]);
    state.observeStep!({ step: 1, losses: losses({ 0: -3, 1: 2 }), random });
    state.observeStep!({ step: 2, losses: losses({ 0: -5, 1: -1 }), random });
    expectWeights(state, [1, 0.0001]);
    state.restore!({ first: [1, 1], means: [0, 0] });
    expectWeights(state, [1, 1]);
  });
});

describe('by validation', () => {
  const evaluation = (a: number, b: number, c: number) => ({
    a: { accuracy: a, loss: 9 },
    b: { accuracy: b, loss: 9 },
    c: { accuracy: c, loss: 9 },
  });

  it('draws more of what lags behind its own best', () => {
    const state = begin(validation(), [1, 1, 1]);
    expectWeights(state, [1, 1, 1]);
    state.observeEvaluation!(evaluation(0.8, 0.9, 0.4));
    expectWeights(state, [1, 1, 1]);
    state.observeEvaluation!(evaluation(0.6, 0.9, 0.1));
    // 1 / (0.75^4 + 0.1), 1 / 1.1, 1 / (0.25^4 + 0.1).
    expectWeights(state, [2.4015, 0.90909, 9.62406]);
    state.observeEvaluation!(evaluation(0.85, 0.8, 0.4));
    expect(state.state!()).toEqual({ scores: [0.85, 0.8, 0.4], best: [0.85, 0.9, 0.4] });
  });

  it('or behind baselines, whichever way is better', () => {
    const tasks = tasksOf([1, 1, 1]).map((task, k) => (k === 1 ? { ...task, higherIsBetter: false } : task));
    const state = validation({ alpha: 1, epsilon: 0.5, baselines: { a: 0.5, b: 2 } }).begin({ tasks, steps: 9 });
    state.observeEvaluation!(evaluation(0.25, 8, 0.3));
    // a has half of its baseline, b is four times as bad as its own, c at its best.
    expectWeights(state, [1 / 1, 1 / 0.75, 1 / 1.5]);
    state.observeEvaluation!(evaluation(0.9, 1, Number.NaN));
    expectWeights(state, [1, 1, 1]);
    expect(state.state!()).toMatchObject({ scores: [0.9, 1, 0.3] });
  });

  it('takes scores that are not above 0 as reached or not', () => {
    const state = begin(validation({ baselines: { a: 0, b: -1, c: 1 } }), [1, 1, 1]);
    state.observeEvaluation!(evaluation(-0.5, -0.5, -0.5));
    expectWeights(state, [1 / 0.1, 1 / 1.1, 1 / 0.1]);
  });

  it('knows the baselines of tasks alone', () => {
    expect(() => begin(validation({ baselines: { z: 1 } }), [1, 1])).toThrow(
      'validation: baselines: there is no task "z" here. Expected names of tasks: a, b. Did you mean "a"?',
    );
  });
});

describe('Exp3.S', () => {
  it('moves as the paper says', () => {
    // From the formulas of Graves et al. 2017, section 2.3, worked out in Python's float64.
    const arms = new Exp3S(3, { learningRate: 0.5, uniform: 0.1, beta: 0.2 });
    const every = [0, 1, 2];
    expect(arms.policy(every)).toEqual([1 / 3, 1 / 3, 1 / 3]);
    for (const [arm, reward, weights, policy] of [
      [0, 1, [1.3082660974, 0.9261642169, 0.9261642169], [0.4139069855, 0.2930465073, 0.2930465073]],
      [2, -0.5, [1.3824663353, 1.2252780268, 0.8695984837], [0.4001832968, 0.3468224478, 0.2529942554]],
      [0, 0.25, [1.8332868783, 1.5526775424, 1.4106933361], [0.4066737876, 0.315326098, 0.2780001143]],
    ] as const) {
      arms.reward(arm, reward, arms.policy(every)[arm]!);
      for (const k of every) {
        expect(arms.state.weights[k]).toBeCloseTo(weights[k]!, 9);
        expect(arms.policy(every)[k]).toBeCloseTo(policy[k]!, 9);
      }
    }
  });

  it('has a policy over the active arms alone, each with its part of the even draws', () => {
    const policies = fc.array(fc.double({ min: -2000, max: 2000, noNaN: true }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(policies, fc.nat(62), (weights, mask) => {
        const arms = new Exp3S(weights.length, { learningRate: 1, uniform: 0.1, beta: 0 });
        arms.restore({ weights, rewards: 4 });
        const some = [...weights.keys()].filter((k) => (mask >> k) & 1);
        const active = some.length === 0 ? [0] : some;
        const policy = arms.policy(active);
        expect(policy.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
        for (const [k, probability] of policy.entries())
          if (active.includes(k)) expect(probability).toBeGreaterThanOrEqual(0.1 / active.length - 1e-12);
          else expect(probability).toBe(0);
        arms.reward(active[0]!, 1, policy[active[0]!]!);
        expect(arms.state.weights.every(Number.isFinite)).toBe(true);
      }),
      { seed: 2, numRuns: 200 },
    );
  });
});

describe('gains', () => {
  it('are scaled between their quantiles so far', () => {
    // Quantiles of numpy.quantile.
    const scale = new GainScale();
    const rewards = [3, 1, 4, 1.5, 9, 2.6].map((gain) => scale.scaled(gain, random));
    const expected = [0, -1, 1, -0.8095238095, 1, -0.12];
    for (const [i, reward] of rewards.entries()) expect(reward).toBeCloseTo(expected[i]!, 9);
  });

  it('are remembered up to a thousand, each as likely', () => {
    const stream = new RandomStream(3, 'gains');
    const scale = new GainScale();
    for (let i = 0; i < 4000; i++) scale.scaled(i, stream);
    const { gains, seen } = scale.state;
    expect([gains.length, seen]).toEqual([1000, 4000]);
    const quarters = new Map<string, number>();
    for (const gain of gains) {
      const quarter = String(Math.floor(gain / 1000));
      quarters.set(quarter, (quarters.get(quarter) ?? 0) + 1);
    }
    expect(chiSquare(quarters, { 0: 0.25, 1: 0.25, 2: 0.25, 3: 0.25 })).toBeLessThan(CRITICAL[3]!);
  });
});

describe('a bandit', () => {
  const learning = (gain: 'prediction' | 'loss') => {
    const state = begin(bandit({ gain, learningRate: 0.05 }), [1, 1, 1]);
    let loss = 1;
    for (let step = 1; step <= 600; step++) {
      const [task] = state.draw({ step, active: [0, 1, 2], random: new RandomStream(2, `draw ${step}`) });
      // Only b gets any better.
      const better = task === 1 ? 0.99 : 1;
      const now = task === 1 ? loss : 1;
      if (task === 1) loss *= better;
      const after = losses({ [task!]: now * better });
      state.observeStep!({ step, losses: losses({ [task!]: now }), lossesAfter: after, random });
    }
    return state;
  };

  it.each(['prediction', 'loss'] as const)('draws what it learns from: gain by %s', (gain) => {
    const counts = countDraws(learning(gain), 1000, { tasks: 3, step: 601 });
    expect(counts.get('1')!).toBeGreaterThan(600);
    for (const other of ['0', '2']) expect(counts.get(other)!).toBeGreaterThan(5);
  });

  it('rewards by the probability of the draw, three steps before', () => {
    const state = begin(bandit({ gain: 'loss', learningRate: 0.1 }), [1, 1]);
    for (const step of [1, 2, 3]) state.draw({ step, active: [0, 1], random: new RandomStream(1, `draw ${step}`) });
    expect(state.state!()).toMatchObject({
      waiting: [
        [1, 0.5],
        [2, 0.5],
        [3, 0.5],
      ],
    });
    state.observeStep!({ step: 1, losses: new Map(), random });
    expect(state.state!()).toMatchObject({
      weights: [0, 0],
      waiting: [
        [2, 0.5],
        [3, 0.5],
      ],
    });
  });

  it('goes on from what it saved', () => {
    const state = learning('prediction');
    const again = begin(bandit({ learningRate: 0.05 }), [1, 1, 1]);
    again.restore!(JSON.parse(JSON.stringify(state.state!())));
    expect(again.state!()).toEqual(state.state!());
    expect(() => again.restore!({ ...(state.state!() as object), weights: [1] })).toThrow(BanyanError);
    expect(() => again.restore!({ weights: 'none' })).toThrow(/^bandit: the saved state of the sampler: /);
  });
});
