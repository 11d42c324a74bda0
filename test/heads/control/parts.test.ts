import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advantages } from '../../../heads/control/advantage.ts';
import { draw, entropyOf, logSoftmax } from '../../../heads/control/policy.ts';
import { assertSameOptions } from '../../../heads/control/state.ts';
import { RandomStream } from '../../../src/random/index.ts';

describe('advantages', () => {
  it('are those of the recursion, cut at the end of an episode', () => {
    const path = {
      rewards: Float32Array.of(1, 0, 2, 0, 1),
      values: Float32Array.of(0.5, 0.4, 1, 0.2, 0.3, 0.7),
      ends: Uint8Array.of(0, 0, 1, 0, 0),
    };
    // By numpy, gamma 0.9 and lambda 0.8.
    const expected = [1.7384, 1.22, 1, 1.0276, 1.33];
    for (const [t, value] of advantages(path, 0.9, 0.8).entries()) expect(value).toBeCloseTo(expected[t]!, 6);
  });

  it('count on the last state of an episode that was cut, and leak over neither kind of end', () => {
    const path = {
      rewards: Float32Array.of(1, 2, 4, 8),
      values: Float32Array.of(0.5, 0.25, 3, 1, 7),
      ends: Uint8Array.of(0, 1, 1, 0),
      cuts: Float32Array.of(0, 10, 0, 0), // The second step was cut, the third terminated.
    };
    const last = 8 + 0.9 * 7 - 1;
    const cut = 2 + 0.9 * 10 - 0.25;
    const expected = [1 + 0.9 * 0.25 - 0.5 + 0.9 * 0.8 * cut, cut, 4 - 3, last];
    for (const [t, value] of advantages(path, 0.9, 0.8).entries()) expect(value).toBeCloseTo(expected[t]!, 5);
  });

  it('are, with lambda 1, the discounted rewards beyond the value; with lambda 0, one step beyond it', () => {
    const number = fc.double({ min: -3, max: 3, noNaN: true });
    const lists = fc
      .integer({ min: 1, max: 12 })
      .chain((steps) =>
        fc.tuple(
          fc.array(number, { minLength: steps, maxLength: steps }),
          fc.array(number, { minLength: steps + 1, maxLength: steps + 1 }),
          fc.array(fc.boolean(), { minLength: steps, maxLength: steps }),
        ),
      );
    fc.assert(
      fc.property(lists, ([rewards, values, ends]) => {
        const gamma = 0.95;
        const path = {
          rewards: Float32Array.from(rewards),
          values: Float32Array.from(values),
          ends: Uint8Array.from(ends, Number),
        };
        const [far, near] = [advantages(path, gamma, 1), advantages(path, gamma, 0)];
        for (let t = 0; t < rewards.length; t++) {
          let [sum, factor, at] = [0, 1, t];
          for (; at < rewards.length; at++) {
            sum += factor * rewards[at]!;
            factor *= gamma;
            if (ends[at]) break;
          }
          if (at === rewards.length) sum += factor * values[at]!;
          expect(far[t]).toBeCloseTo(sum - values[t]!, 3);
          const next = ends[t] ? 0 : gamma * values[t + 1]!;
          expect(near[t]).toBeCloseTo(rewards[t]! + next - values[t]!, 4);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('a policy', () => {
  it('draws actions as often as their probabilities say', () => {
    const logs = logSoftmax(Float32Array.of(1, 0, -1, 1000 - 1000));
    expect(logs.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 6);
    const random = new RandomStream(3, 'draws');
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 40_000; i++) counts[draw(logs, random)]!++;
    for (const [action, count] of counts.entries()) expect(count / 40_000).toBeCloseTo(Math.exp(logs[action]!), 2);
  });

  it('has the entropy ln(n) where all are alike, and none where one is certain', () => {
    expect(entropyOf(logSoftmax(Float32Array.of(7, 7, 7, 7)))).toBeCloseTo(Math.log(4), 6);
    expect(entropyOf(logSoftmax(Float32Array.of(50, 0, 0)))).toBeCloseTo(0, 6);
  });
});

describe('the options of a source that plays', () => {
  const before = { task: 'game', gamma: 0.9, actions: ['left', 'right'] };

  it('are those of its state, in any order, as far as the state says them', () => {
    expect(() =>
      assertSameOptions('game', before, { actions: before.actions, gamma: 0.9, task: 'game' }),
    ).not.toThrow();
    expect(() => assertSameOptions('game', { task: 'game' }, before)).not.toThrow();
  });

  it.each([{ gamma: 0.8 }, { actions: ['right', 'left'] }])('are refused where they differ: %j', (other) => {
    expect(() => assertSameOptions('game', before, { ...before, ...other })).toThrow(
      /^The source of task "game" was made with \{"task":"game","gamma":0\.9,"actions":\["left","right"\]\} when its state was saved, and now with .*\. Expected the same\. Set the options back, or train anew\.$/,
    );
  });
});
