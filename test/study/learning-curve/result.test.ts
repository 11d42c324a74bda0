import { describe, expect, it } from 'vitest';
import { planCurve } from '../../../src/study/learning-curve/plan.ts';
import { errorAt } from '../../../src/study/learning-curve/power-law.ts';
import { summariseCurve } from '../../../src/study/learning-curve/result.ts';
import { learningCurveText } from '../../../src/study/learning-curve/tables.ts';
import type { CurvePoint } from '../../../src/study/learning-curve/train-fraction.ts';

const runs = planCurve('a', ['together', 'alone'], [0.125, 0.25, 0.5, 1], [1, 2, 3]);
const alone = { scale: 2, exponent: 0.5, floor: 0.05 };
/** Together, 0.4 times the examples lead to the same error: 2 · (n / 0.4)^−0.5. */
const together = { ...alone, scale: 2 * 0.4 ** 0.5 };

/** What each run reached by these curves, with a deviation of each seed. */
const pointsBy = (read: (error: number) => Partial<CurvePoint>): Map<string, CurvePoint> =>
  new Map(
    runs.map(({ name, way, fraction, seed }) => {
      const examples = 800 * fraction;
      const error = errorAt(way === 'alone' ? alone : together, examples) * (1 + 0.002 * (seed - 2));
      const point = {
        examples,
        metric: 'accuracy',
        value: 1 - error,
        higherIsBetter: true,
        heldOut: 500,
        parameters: 300,
      };
      return [name, { ...point, ...read(error) }];
    }),
  );
const question = { name: 'e', task: 'a', ways: ['together', 'alone'] as const };

describe('what learning curves say', () => {
  it('is how many examples a target needs, and what training together is worth in them', () => {
    const target = 1 - errorAt(alone, 1600);
    const result = summariseCurve(
      { ...question, target },
      runs,
      pointsBy(() => ({})),
    );
    const row = (way: string) => result.rows.find((candidate) => candidate.way === way)!;
    expect(row('alone').exponent.value).toBeCloseTo(0.5, 2);
    expect(row('alone').limit.value).toBeCloseTo(0.95, 2);
    expect(row('alone').needed!.value / 1600).toBeCloseTo(1, 1);
    expect(row('alone').needed!.low).toBeLessThan(1600);
    expect(row('alone').needed!.high).toBeGreaterThan(1600);
    expect(result.ratio!.value).toBeCloseTo(0.4, 2);
    expect(result.ratio!.low).toBeLessThan(0.4);
    expect(result.ratio!.high).toBeGreaterThan(0.4);
    expect(result.rule).toMatchObject({ parameters: 300, examples: 90_000 });
    expect(result.rule.reached.value).toBeCloseTo(1 - errorAt(alone, 90_000), 2);
    expect(result.findings.join('\n')).toMatch(
      /^a together: the error falls as n\^−0\.\d+ \[.*\n[\s\S]*needs 1.\d+ examples \[[\s\S]*Together, a needs 0\.4 times the examples \[0\.\d+, 0\.\d+\] for what it reaches alone with all 800\.\n.*P × P asks for 90.000 examples for the 300 weights/,
    );
    expect(learningCurveText(result)).toMatch(/^examples +accuracy together +accuracy alone\n/);
  });

  it('is that a target will not be reached', () => {
    const { findings } = summariseCurve(
      { ...question, target: 0.99 },
      runs,
      pointsBy(() => ({})),
    );
    expect(findings).toContain('a alone: accuracy 0.99 will not be reached by more examples.');
  });

  it('counts half an example where none was wrong, and takes an error as it is', () => {
    const perfect = summariseCurve(
      question,
      runs,
      pointsBy(() => ({ value: 1 })),
    );
    expect(perfect.rows[1]!.twice.value).toBeCloseTo(1 - 0.5 / 500, 6);
    const errors = summariseCurve(
      question,
      runs,
      pointsBy((error) => ({ metric: 'rmse', value: error, higherIsBetter: false })),
    );
    expect(errors.rows[1]!.limit.value).toBeCloseTo(0.05, 2);
  });

  it('is nothing for a metric that has no best of 1', () => {
    expect(() =>
      summariseCurve(
        question,
        runs,
        pointsBy(() => ({ value: 30 })),
      ),
    ).toThrow(
      'learning-curve: a accuracy is 30, expected a metric of at most 1, since a curve of errors is fitted. Put another metric first',
    );
  });
});
