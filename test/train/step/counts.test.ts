import { describe, expect, it } from 'vitest';
import type { NetworkVariable } from '../../../src/network/index.ts';
import { countMissed, updateCounts } from '../../../src/train/step/counts.ts';
import type { UpdatePlan } from '../../../src/train/step/plan.ts';

/** The trunk, which both train, and the heads of two tasks. */
const TRAINED = { trunk: 'a,b', 'head-a': 'a', 'head-b': 'b' } as const;
type Name = keyof typeof TRAINED;
const planOf = (...names: Name[]) => ({
  variables: names.map((name) => ({ name }) as NetworkVariable),
  trainedBy: new Map(names.map((name) => [name, TRAINED[name]])),
});
const [both, first, second] = [
  planOf('trunk', 'head-a', 'head-b'),
  planOf('trunk', 'head-a'),
  planOf('trunk', 'head-b'),
] as unknown as [UpdatePlan, UpdatePlan, UpdatePlan];
const slots = new Map(Object.keys(TRAINED).map((name) => [name, {}]));
/** After updates by these plans. */
function stateAfter(...plans: UpdatePlan[]) {
  const state = { updates: 0, slots, missed: new Map<string, number>() };
  for (const plan of plans) {
    state.updates++;
    countMissed(state, plan);
  }
  return state;
}
const groupsIn = (plan: UpdatePlan, { groupOf }: ReturnType<typeof updateCounts>) => plan.variables.map(groupOf);

describe('the updates of a variable', () => {
  it('are those of the training where none is missed: one number for all', () => {
    const counts = updateCounts(stateAfter(both, both), both);
    expect(counts).toMatchObject({ key: '', counts: [3] });
    expect(groupsIn(both, counts)).toEqual([0, 0, 0]);
    expect(stateAfter(both, both).missed.size).toBe(0);
  });

  it('are counted one by one, for those that were missed by each', () => {
    const state = stateAfter(first, first, second, both);
    expect(Object.fromEntries(state.missed)).toEqual({ 'head-a': 1, 'head-b': 2 });
    const counts = updateCounts(state, both);
    expect(counts.counts).toEqual([5, 4, 3]);
    expect(groupsIn(both, counts)).toEqual([0, 1, 2]);
  });

  it('have groups that do not depend on who missed as many by chance', () => {
    const equal = updateCounts(stateAfter(first, second), both);
    expect(equal.counts).toEqual([3, 2, 2]);
    expect(equal.key).toBe(updateCounts(stateAfter(first, first, second), both).key);
  });

  it('are in one group again where those of a plan have missed the same', () => {
    // As a column that joined later.
    const state = { updates: 7, slots, missed: new Map(Object.keys(TRAINED).map((name) => [name, 5])) };
    expect(updateCounts(state, both)).toMatchObject({ key: '', counts: [3] });
  });

  it('can be counted ahead, by the plan of the update before', () => {
    const now = stateAfter(first, both);
    const then = stateAfter(first, both, second);
    for (const plan of [both, first, second]) {
      const [ahead, counted] = [updateCounts(now, plan, second), updateCounts(then, plan)];
      expect([ahead.key, ahead.counts]).toEqual([counted.key, counted.counts]);
    }
  });
});
