import { describe, expect, it } from 'vitest';
import type { CheckedExperiment } from '../../../src/experiment/load.ts';
import { experimentSchema } from '../../../src/experiment/schema.ts';
import { experimentOf, planComparison } from '../../../src/study/compare/plan.ts';
import { summariseComparison } from '../../../src/study/compare/result.ts';
import type { MeasuredRun } from '../../../src/study/compare/run-child.ts';
import { comparisonText } from '../../../src/study/compare/tables.ts';

const experiment: CheckedExperiment = {
  ...experimentSchema().parse({
    trunk: { kind: 'dense', width: 4, depth: 1 },
    tasks: { a: { weight: 2 }, b: {} },
    training: { steps: 5, batch: 2, balance: 'mgda', seed: 9 },
    report: true,
  }),
  name: 'e',
  seed: 3,
};

const leading = { a: { metric: 'accuracy', higherIsBetter: true }, b: { metric: 'rmse', higherIsBetter: false } };

/** Of accuracies and errors by run. */
function resultsOf(values: Readonly<Record<string, readonly number[]>>): Map<string, MeasuredRun> {
  return new Map(
    Object.entries(values).map(([name, [a, b]]) => {
      const metrics = {
        ...(a === undefined ? {} : { a: { accuracy: a, loss: 1 } }),
        ...(b === undefined ? {} : { b: { rmse: b, loss: 1 } }),
      };
      return [name, { steps: 5, metrics, splits: {}, leading, seconds: 2, peakMemoryMB: 100 }];
    }),
  );
}

const alone = {
  'alone-a-seed-3': [0.8],
  'alone-b-seed-3': [undefined, 2],
  'alone-a-seed-4': [0.5],
  'alone-b-seed-4': [undefined, 4],
  'alone-a-seed-5': [0.6],
  'alone-b-seed-5': [undefined, 5],
} as unknown as Readonly<Record<string, readonly number[]>>;

describe('planComparison', () => {
  it('trains each task alone and all of them by each method, seed after seed', () => {
    const { runs, seeds } = planComparison(experiment, { methods: ['equal', 'pcgrad'], seeds: 2 });
    expect(seeds).toEqual([3, 4]);
    expect(runs.map(({ name }) => name)).toEqual(
      [3, 4].flatMap((seed) => ['alone-a', 'alone-b', 'equal', 'pcgrad'].map((name) => `${name}-seed-${seed}`)),
    );
    const [first, , , last] = runs;
    const apart = { ...experiment, training: { ...experiment.training, batch: { a: 4, b: 8 } } };
    expect(runs.slice(0, 3).map((run) => experimentOf(apart, run).training.batch)).toEqual([
      { a: 4 },
      { b: 8 },
      { a: 4, b: 8 },
    ]);
    const { training, ...single } = experimentOf(experiment, first!);
    expect(single).toMatchObject({ name: 'alone-a-seed-3', seed: 3, tasks: { a: { weight: 2 } }, plugins: [] });
    expect(training).toEqual({ steps: 5, batch: 2 });
    expect(single).not.toHaveProperty('report');
    const options = { method: 'pcgrad', options: { leak: 1 } };
    const given = { ...experiment, training: { ...experiment.training, balance: options } };
    expect(experimentOf(given, last!).training.balance).toEqual(options);
    expect(experimentOf(experiment, last!)).toMatchObject({ tasks: { a: {}, b: {} }, training: { balance: 'pcgrad' } });
  });

  it('trains them by each kind of sharing, named by what they differ in', () => {
    const asked = { methods: ['equal'], sharing: ['hard', 'mmoe'], seeds: 1 };
    const { candidates, runs } = planComparison(experiment, asked);
    expect(candidates.map(({ name }) => name)).toEqual(['hard', 'mmoe']);
    const both = planComparison(experiment, { ...asked, methods: ['equal', 'pcgrad'] });
    expect(both.candidates.map(({ name }) => name)).toEqual(['hard equal', 'hard pcgrad', 'mmoe equal', 'mmoe pcgrad']);
    // A folder's name does not depend on what else there is.
    expect(runs.map(({ name }) => name)).toEqual(
      ['alone-a', 'alone-b', 'hard-equal', 'mmoe-equal'].map((name) => `${name}-seed-3`),
    );
    expect(both.runs.map(({ name }) => name)).toEqual(expect.arrayContaining(runs.map(({ name }) => name)));
    const trunk = { kind: 'dense', width: 4, depth: 1 } as const;
    const soft = { ...experiment, trunk: { ...trunk, sharing: { kind: 'mmoe', experts: 2 } as const } };
    const trunks = runs.map((run) => experimentOf(soft, run).trunk);
    expect(trunks).toEqual([trunk, trunk, trunk, soft.trunk]);
    const plain = planComparison(soft, { methods: ['equal'], seeds: 1 });
    expect(plain.runs.map((run) => experimentOf(soft, run).trunk)).toEqual([trunk, trunk, soft.trunk]);
    expect(experimentOf(experiment, runs[3]!).trunk).toEqual({ ...trunk, sharing: { kind: 'mmoe' } });
    expect(() => planComparison(experiment, { ...asked, sharing: ['mmeo'] })).toThrow(
      'compare: sharing: expected some of hard, branching, cgc, cross-stitch, dselect-k, mmoe, mtan, ple, received "mmeo". Did you mean "mmoe"?',
    );
  });

  it('refuses methods that it does not know, the same one twice, and no seeds', () => {
    expect(() => planComparison(experiment, { methods: ['equal', 'pcgard'], seeds: 1 })).toThrow(
      /expected some of .*nash-mtl.*, received "pcgard". Did you mean "pcgrad"\?/,
    );
    expect(() => planComparison(experiment, { methods: ['equal', 'equal'], seeds: 1 })).toThrow('names "equal" twice');
    expect(() => planComparison(experiment, { methods: ['equal'], seeds: 0 })).toThrow(
      'compare: seeds must be a whole number >= 1, received 0. Raise it to 1 or more.',
    );
  });
});

describe('summariseComparison', () => {
  const plan = planComparison(experiment, { methods: ['equal', 'pcgrad', 'mgda'], seeds: 3 });
  const results = resultsOf({
    ...alone,
    'equal-seed-3': [0.76, 2.1],
    'equal-seed-4': [0.5, 4.4],
    'equal-seed-5': [0.57, 5],
    'pcgrad-seed-3': [0.84, 2],
    'pcgrad-seed-4': [0.5801, 4.32],
    'pcgrad-seed-5': [0.6499, 4.9],
    'mgda-seed-3': [0.76, 2.2],
    'mgda-seed-4': [0.49, 4.4],
    'mgda-seed-5': [0.57, 5],
  });

  it('takes delta-m within a seed, less being better for an error', () => {
    const { rows, metrics } = summariseComparison('e', plan, results, {});
    expect(metrics).toEqual(leading);
    const [equal, pcgrad] = rows;
    // ((0.76 - 0.8) / 0.8 - (2.1 - 2) / 2) / 2 = -5 %; (0 - 0.1) / 2 = -5 %; -2.5 %.
    for (const [i, value] of [-5, -5, -2.5].entries()) expect(equal!.deltaM.values[i]).toBeCloseTo(value, 9);
    expect(equal!.deltaM.mean).toBeCloseTo(-12.5 / 3, 9);
    expect([equal!.deltaM.low, equal!.deltaM.high].map((value) => Number(value.toFixed(6)))).toEqual([-5, -2.5]);
    expect(pcgrad!.tasks.a).toMatchObject({ values: [0.84, 0.5801, 0.6499] });
    expect(rows.map(({ front }) => front)).toEqual([false, true, false]);
    expect(rows.map(({ seconds, peakMemoryMB }) => [seconds, peakMemoryMB])).toEqual(Array(3).fill([2, 100]));
  });

  it('tests against the first method, and tells what differs and what does not', () => {
    const result = summariseComparison('e', plan, results, {});
    const [equal, pcgrad, mgda] = result.rows;
    expect(equal!.deltaM).not.toHaveProperty('p');
    expect(equal!.tasks.a).not.toHaveProperty('p');
    // Three of 0.08, within 0.0001.
    expect(pcgrad!.tasks.a!.p).toBeLessThan(0.001);
    expect(mgda!.tasks.a!.p).toBeGreaterThan(0.5);
    expect(result.findings[0]).toMatch(/^pcgrad differs from equal: .*a accuracy \+0\.0800 \(p < 0\.001\)/);
    expect(result.findings.at(-1)).toMatch(
      /^No significant difference from equal for the other 1 of 2 \(paired t-tests/,
    );
    const none = summariseComparison(
      'e',
      planComparison(experiment, { methods: ['equal', 'mgda'], seeds: 3 }),
      results,
      {},
    );
    expect(none.findings).toEqual([
      'No significant difference: mgda does not differ from equal (paired t-tests over 3 seeds, Holm-corrected, level 0.05).',
    ]);
    expect(comparisonText(none)).toMatch(/^equal +0\.610 \[0\.500, 0\.760\] +3\.833 \[2\.100, 5\.000\] +-4\.17/m);
  });

  it('says what the test of few seeds cannot see', () => {
    const lost = { 'mgda-seed-3': [0.1, 9], 'mgda-seed-4': [0.3, 30], 'mgda-seed-5': [0.02, 50] };
    const both = planComparison(experiment, { methods: ['equal', 'mgda'], seeds: 3 });
    const { findings } = summariseComparison('e', both, new Map([...results, ...resultsOf(lost)]), {});
    expect(findings).toHaveLength(2);
    expect(findings[1]).toMatch(
      /^Not significant in this test, but with an interval apart from equal's: mgda, delta-m -/,
    );
  });

  it('tests nothing for one seed', () => {
    const one = summariseComparison(
      'e',
      planComparison(experiment, { methods: ['equal', 'mgda'], seeds: 1 }),
      results,
      {},
    );
    expect(one.rows[1]!.deltaM).not.toHaveProperty('p');
    expect(one.findings).toEqual(['One seed says nothing of chance: no differences were tested.']);
  });

  it('leaves failed methods out, and says what they said', () => {
    const result = summariseComparison('e', plan, results, { pcgrad: 'it diverged' });
    expect(result.rows.map(({ name }) => name)).toEqual(['equal', 'mgda']);
    expect(comparisonText(result)).toContain('pcgrad failed: it diverged');
  });

  it('says nothing of the others where all differ', () => {
    const both = planComparison(experiment, { methods: ['equal', 'pcgrad'], seeds: 3 });
    const { findings } = summariseComparison('e', both, results, {});
    expect(findings).toHaveLength(2);
    expect(findings[1]).toBe('Tested by paired t-tests over 3 seeds, Holm-corrected, level 0.05.');
  });

  it('refuses a baseline of which nothing can be a share', () => {
    const zero = new Map([...results, ...resultsOf({ 'alone-a-seed-4': [0] })]);
    expect(() => summariseComparison('e', plan, zero, {})).toThrow(
      'deltaM: a relative change needs finite metrics and a baseline other than 0, received 0 and 0.5.',
    );
    const missing = new Map([...results, ...resultsOf({ 'alone-a-seed-4': [] })]);
    expect(() => summariseComparison('e', plan, missing, {})).toThrow(
      'compare: task "a" reached accuracy nothing: it has no held-out examples, or training went wrong. Expected a finite number',
    );
  });
});
