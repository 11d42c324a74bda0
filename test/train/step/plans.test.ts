import { describe, expect, it } from 'vitest';
import type { BuiltTask } from '../../../src/network/index.ts';
import { type ParameterRule, ParameterRules } from '../../../src/train/parameters/rules.ts';
import { namesTakingPart, type UpdatePlan } from '../../../src/train/step/plan.ts';
import { StepPlans } from '../../../src/train/step/plans.ts';

/** `a` and `c` share source and input; `b` stands between them. */
function plansOf(most?: number, rules: readonly ParameterRule[] = []) {
  const [shared, own] = [
    { scope: 'stem/a', parts: [] },
    { scope: 'stem/b', parts: [] },
  ];
  const [one, other] = [{}, {}];
  const tasks = ['a', 'b', 'c'].map((name) => ({
    name,
    scope: `head/${name}`,
    input: name === 'b' ? own : shared,
    definition: { source: name === 'b' ? other : one },
  })) as unknown as BuiltTask[];
  const scopes = ['column-0/block-0', 'column-0/own/c/gate', 'stem/a', 'stem/b', 'head/a', 'head/b', 'head/c'];
  const variables = [...scopes, 'column-0/decoder/block-0'].map((scope) => ({ name: `${scope}/kernel`, scope }));
  const trainedBy = new Map(variables.map(({ name }) => [name, 'whoever']));
  const forgotten: string[] = [];
  const runner = { forget: (plan: UpdatePlan) => forgotten.push(namesTakingPart(plan).join()) };
  const parameters = new ParameterRules(rules, variables as unknown as UpdatePlan['variables'], 0);
  const { trained } = parameters;
  const whole = {
    tasks,
    passes: [],
    phase: 0,
    variables: trained,
    trainedBy,
    body: { runner },
  } as unknown as UpdatePlan;
  const plans = new StepPlans(whole, parameters, most);
  return { plans: { of: (names: readonly string[], step = 1) => plans.of(names, step) }, forgotten, whole };
}
const scopesIn = (plan: UpdatePlan) => plan.variables.map(({ scope }) => scope);

describe('the plan of a step', () => {
  it('is that of the training where all tasks take part', () => {
    const { plans, whole } = plansOf();
    expect(plans.of(['c', 'a', 'b'])).toBe(whole);
  });

  it('has the passes of those that take part, with their places among all', () => {
    const { plans } = plansOf();
    const passes = (names: string[]) =>
      plans.of(names).passes.map(({ tasks, places }) => [tasks.map(({ name }) => name), places]);
    expect(passes(['a', 'c'])).toEqual([
      [
        ['a', 'c'],
        [0, 2],
      ],
    ]);
    expect(passes(['b', 'c'])).toEqual([
      [['b'], [1]],
      [['c'], [2]],
    ]);
    expect(passes([])).toEqual([]);
  });

  it('trains what these reach: of the column what is shared, and their own; no decoder where none writes', () => {
    const { plans } = plansOf();
    expect(scopesIn(plans.of(['a']))).toEqual(['column-0/block-0', 'stem/a', 'head/a']);
    expect(scopesIn(plans.of(['b', 'c']))).toEqual([
      'column-0/block-0',
      'column-0/own/c/gate',
      'stem/a',
      'stem/b',
      'head/b',
      'head/c',
    ]);
    expect([...plans.of(['a']).trainedBy.keys()]).toEqual([
      'column-0/block-0/kernel',
      'stem/a/kernel',
      'head/a/kernel',
    ]);
  });

  it('is the same as long as it is kept; then its graphs are freed', () => {
    const { plans, forgotten } = plansOf(2);
    const a = plans.of(['a']);
    plans.of(['b']);
    expect(plans.of(['a'])).toBe(a);
    plans.of(['c']);
    expect(forgotten).toEqual(['b']);
    expect(plans.of(['a'])).toBe(a);
    plans.of(['a', 'b']);
    plans.of(['b']);
    expect(forgotten).toEqual(['b', 'c', 'a']);
    expect(plans.of(['a'])).not.toBe(a);
  });

  it('is another one in each phase of what is frozen, with the parts that stand still', () => {
    const all = ['a', 'b', 'c'];
    const { plans, whole } = plansOf(undefined, [
      { match: 'trunk/*', frozen: { until: 3 } },
      { match: 'stem/a/*', frozen: true },
      { match: 'head/b/*', frozen: { from: 6 } },
    ]);
    expect(scopesIn(whole)).not.toContain('stem/a');
    expect(scopesIn(plans.of(all, 1))).toEqual(['stem/b', 'head/a', 'head/b', 'head/c']);
    expect(plans.of(all, 3)).toBe(plans.of(all, 1));
    expect(scopesIn(plans.of(all, 4))).toContain('column-0/block-0');
    expect(plans.of(all, 5)).toBe(plans.of(all, 4));
    expect(scopesIn(plans.of(all, 6))).not.toContain('head/b');
    const still = (step: number) => [...plans.of(['b'], step).passes[0]!.still!].sort();
    const ofTrunk = ['column-0', 'column-0/block-0', 'column-0/decoder/block-0', 'column-0/own/c/gate'];
    expect(still(2)).toEqual([...ofTrunk, 'stem/a']);
    expect(still(4)).toEqual(['stem/a']);
    expect(still(9)).toEqual(['head/b', 'stem/a']);
  });
});
