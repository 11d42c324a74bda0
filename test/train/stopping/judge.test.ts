import { describe, expect, it } from 'vitest';
import type { Metrics } from '../../../src/train/events.ts';
import { judge, type Verdict } from '../../../src/train/stopping/judge.ts';
import { type EvaluationRules, evaluationRules } from '../../../src/train/stopping/rules.ts';
import { BEGINNING, type EvaluationState, evaluationState } from '../../../src/train/stopping/state.ts';

const TASKS = ['a', 'b'].map((name) => ({
  name,
  metrics: [{ name: 'accuracy', update: () => {}, result: () => 0, reset: () => {} }],
}));
const rulesOf = (stop: object): EvaluationRules =>
  evaluationRules({ evaluateEvery: 10, stop, best: {} } as never, TASKS)!;

const measured = (a: number, b: number): Metrics => ({
  a: { accuracy: a, loss: 1 - a },
  b: { accuracy: b, loss: 1 - b },
});

/** Judges evaluations every ten steps; what is remembered is written and read between any two. */
function course(rules: EvaluationRules, rows: readonly (readonly [a: number, b: number])[]): readonly Verdict[] {
  let state: EvaluationState = BEGINNING;
  return rows.map(([a, b], i) => {
    const verdict = judge(rules, state, measured(a, b), 10 * (i + 1));
    state = evaluationState.parse(JSON.parse(JSON.stringify(verdict.state)));
    expect(state).toEqual(verdict.state);
    return verdict;
  });
}
const happenings = (verdicts: readonly Verdict[]) =>
  verdicts.map(({ stopped, drifted, returned }) => ({ stopped, drifted, returned }));
const NOTHING = { stopped: [], drifted: [], returned: [] };

describe('what follows from evaluations', () => {
  it('is that each task stops by itself, after its own best', () => {
    const verdicts = course(rulesOf({ perTask: { patience: 2 } }), [
      [0.5, 0.1],
      [0.6, 0.2],
      [0.6, 0.3],
      [0.5, 0.4],
      [0.6, 0.3],
      [0.6, 0.3],
    ]);
    expect(happenings(verdicts)).toEqual([
      NOTHING,
      NOTHING,
      NOTHING,
      { ...NOTHING, stopped: ['a'] },
      NOTHING,
      { ...NOTHING, stopped: ['b'] },
    ]);
    expect(verdicts.map(({ improved }) => improved)).toEqual([['a', 'b'], ['a', 'b'], ['b'], ['b'], [], []]);
    expect(verdicts[5]!.state.tasks).toMatchObject({
      a: { stopped: true, waiting: { best: 0.6, step: 20 } },
      b: { stopped: true, waiting: { best: 0.4, step: 40 } },
    });
  });

  it('is how far a stopped task is from its best, and one word once it is too far', () => {
    const verdicts = course(rulesOf({ perTask: { patience: 1, drift: 0.25 } }), [
      [0.8, 0.1],
      [0.8, 0.2],
      [0.7, 0.3],
      [0.4, 0.4],
      [0.2, 0.5],
      [0.8, 0.6],
      [0.2, 0.7],
    ]);
    expect(verdicts.map(({ distances }) => distances.a)).toEqual(
      [undefined, undefined, 0.125, 0.5, 0.75, 0, 0.75].map((distance) => distance && expect.closeTo(distance)),
    );
    expect(verdicts.map(({ drifted }) => drifted)).toEqual([[], [], [], ['a'], [], [], []]);
    expect(verdicts.every(({ state }) => state.tasks.b!.stopped === false)).toBe(true);
  });

  it('is that a task comes back where that is wanted, and begins anew', () => {
    const verdicts = course(rulesOf({ perTask: { patience: 1, drift: 0.25, return: true } }), [
      [0.8, 0.1],
      [0.8, 0.2],
      [0.4, 0.3],
      [0.5, 0.4],
      [0.5, 0.5],
      [0.45, 0.6],
    ]);
    expect(happenings(verdicts)).toEqual([
      NOTHING,
      { ...NOTHING, stopped: ['a'] },
      { ...NOTHING, returned: ['a'] },
      NOTHING,
      { ...NOTHING, stopped: ['a'] },
      NOTHING,
    ]);
    // Its best is that since it came back, and so is its distance: a tenth of 0.5.
    expect(verdicts[4]!.state.tasks.a!.waiting).toMatchObject({ best: 0.5, first: 0.5, step: 40 });
    expect(verdicts[5]!.distances.a).toBeCloseTo(0.1);
    expect(verdicts[3]!.improved).toEqual(['a', 'b']);
  });

  it('is that the training is over by one task, for good', () => {
    const verdicts = course(rulesOf({ task: 'a', patience: 2 }), [
      [0.5, 0.9],
      [0.4, 0.8],
      [0.3, 0.7],
      [0.9, 0.6],
    ]);
    expect(verdicts.map(({ state }) => state.over)).toEqual([false, false, true, true]);
    expect(verdicts.map(({ isBest }) => isBest)).toEqual([true, false, false, true]);
  });

  it('is no overfitting of a task that has stopped', () => {
    const rules = rulesOf({ perTask: { patience: 6 } });
    let state: EvaluationState = BEGINNING;
    const opened: (readonly string[])[] = [];
    for (let i = 1; i <= 12; i++) {
      // Both gain in training, and lose on the validation split from the first evaluation on; b still gets better by its metric.
      state = { ...state, strips: { a: { sum: 8 / i, labelled: 8 }, b: { sum: 8 / i, labelled: 8 } } };
      const metrics = { a: { accuracy: 0.5, loss: i }, b: { accuracy: i / 20, loss: i } };
      const verdict = judge(rules, state, metrics, i);
      opened.push(verdict.overfitting);
      state = verdict.state;
    }
    expect(state.tasks.a!.stopped).toBe(true);
    expect(opened.flatMap((tasks, i) => (tasks.length === 0 ? [] : [[i + 1, tasks]]))).toEqual([[8, ['b']]]);
    expect(state.losses.a).toEqual({ points: [], overfits: false });
  });
});
