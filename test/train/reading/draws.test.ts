import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proportional, type Sampler, validation } from '../../../src/sample/index.ts';
import { Draws, type DrawsState } from '../../../src/train/reading/draws.ts';

const training = {
  steps: 50,
  tasks: ['a', 'b', 'c'].map((name, k) => ({ name, examples: 100 * (k + 1), metric: 'loss', higherIsBetter: false })),
};
const drawsOf = (sampler: Sampler | undefined, step = 0, from?: DrawsState) =>
  new Draws(training, sampler, { seed: 5, step, from });
/** Goes on to `end` as the loop does, and gives what took part in each step. */
function follow(draws: Draws, first: number, end: number, act: (step: number) => void = () => {}): string[] {
  draws.decide(first);
  return Array.from({ length: end - first }, (_, i) => {
    const step = first + i + 1;
    const names = draws.takingPart(step).join();
    draws.observeStep(step, {});
    act(step);
    draws.decide(step);
    return names;
  });
}

describe('the draws of a training', () => {
  it('are all tasks where there is no sampler, and nothing to save', () => {
    const draws = drawsOf(undefined);
    expect(follow(draws, 0, 3)).toEqual(['a,b,c', 'a,b,c', 'a,b,c']);
    expect(draws.state).toBeUndefined();
    expect(draws.sets).toBe(1);
  });

  it('are decided three steps ahead', () => {
    const draws = drawsOf(proportional());
    draws.decide(0);
    expect(draws.state!.pending).toHaveLength(3);
    for (const step of [1, 2, 3]) expect(draws.drawnFor(step)).toHaveLength(1);
    draws.observeStep(1, {});
    expect(draws.state!.pending).toHaveLength(2);
    draws.decide(1);
    expect(draws.state!.pending).toHaveLength(3);
    expect(draws.drawnFor(4)).toHaveLength(1);
    expect(() => draws.takingPart(1)).toThrow();
  });

  it('follow from seed and step, whatever was drawn before', () => {
    const whole = follow(drawsOf(proportional()), 0, 12);
    expect(new Set(whole).size).toBeGreaterThan(1);
    expect(follow(drawsOf(proportional()), 0, 12)).toEqual(whole);
    expect(follow(new Draws(training, proportional(), { seed: 6, step: 0 }), 0, 12)).not.toEqual(whole);
  });

  it('go on from what was saved, wherever that was, also where tasks come and go', () => {
    const step = fc.integer({ min: 1, max: 11 });
    fc.assert(
      fc.property(step, step, step, (cut, stop, back) => {
        const sampler = validation({ tasks: 2 });
        const act = (draws: Draws) => (step: number) => {
          if (step % 4 === 0)
            draws.observeEvaluation({ a: { loss: 1 + step }, b: { loss: 9 / step }, c: { loss: step % 3 } });
          if (step === stop) draws.active = new Set(['a', 'c']);
          if (step === back) draws.active = new Set(['a', 'b', 'c']);
        };
        const whole = drawsOf(sampler);
        const expected = follow(whole, 0, 16, act(whole));
        const first = drawsOf(sampler);
        const before = follow(first, 0, cut, act(first));
        const again = drawsOf(sampler, cut, JSON.parse(JSON.stringify(first.state)) as DrawsState);
        // Which tasks are active is saved by whoever stops them.
        again.active = first.active;
        expect([...before, ...follow(again, cut, 16, act(again))]).toEqual(expected);
      }),
      { seed: 8, numRuns: 60 },
    );
  });

  it('lose a task that is stopped at once, and have it again at once where it was drawn', () => {
    const draws = drawsOf(undefined);
    const names = follow(draws, 0, 8, (step) => {
      if (step === 2) draws.active = new Set(['b', 'c']);
      if (step === 3) draws.active = new Set(['a', 'b', 'c']);
    });
    // What was decided while it was stopped, for the step three later, is without it.
    expect(names).toEqual(['a,b,c', 'a,b,c', 'b,c', 'a,b,c', 'b,c', 'a,b,c', 'a,b,c', 'a,b,c']);
    const one = new Draws(training, proportional(), { seed: 1, step: 0 });
    expect(
      follow(one, 0, 5, (step) => {
        if (step === 1) one.active = new Set();
      }).slice(1),
    ).toEqual(['', '', '', '']);
  });

  it('are saved where they are not all tasks', () => {
    const draws = drawsOf(undefined);
    draws.decide(0);
    draws.active = new Set(['a']);
    draws.observeStep(1, {});
    draws.decide(1);
    expect(draws.state).toEqual({ pending: [['a', 'b', 'c'], ['a', 'b', 'c'], ['a']] });
  });
});
