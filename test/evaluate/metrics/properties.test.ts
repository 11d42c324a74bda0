// What every metric keeps: the order of the examples does not matter, nor what was seen before a reset, nor an odd prediction.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metricKinds } from '../../../src/evaluate/index.ts';
import type { Metric } from '../../../src/task/contract.ts';

type Pair = readonly [target: unknown, prediction: unknown];

const someClass = fc.integer({ min: 0, max: 2 });
const classes = fc.tuple(
  someClass,
  someClass.map((label) => ({ class: label })),
);
const odds = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 3, maxLength: 3 })
  .map((parts) => ({ probabilities: parts.map((part) => part / parts.reduce((a, b) => a + b)) }));
const likely = fc.tuple(someClass, odds);
const eighth = fc.integer({ min: -40, max: 40 }).map((x) => x / 8);
const numbers = fc.tuple(eighth, eighth);
const text = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 9 }).map((words) => words.join(' '));
const texts = fc.tuple(text, text);
const label = fc.constantFrom('O', 'B-a', 'I-a', 'B-b', 'I-b');
const labels = fc.integer({ min: 1, max: 5 }).chain((length) => {
  const list = fc.array(label, { minLength: length, maxLength: length });
  return fc.tuple(list, list);
});

/** What each kind is fed with, and from where to where it lies. */
const KINDS: Readonly<Record<string, { pair: fc.Arbitrary<Pair>; from: number; to: number; options?: object }>> = {
  accuracy: { pair: classes, from: 0, to: 1 },
  auroc: { pair: likely, from: 0, to: 1 },
  'average-precision': { pair: likely, from: 0, to: 1 },
  bleu: { pair: texts, from: 0, to: 1 },
  'bracket-f1': { pair: texts, from: 0, to: 1 },
  'calibration-error': { pair: likely, from: 0, to: 1 },
  'character-error-rate': { pair: texts, from: 0, to: Number.POSITIVE_INFINITY },
  'error-rate': { pair: texts, from: 0, to: Number.POSITIVE_INFINITY },
  'exact-match': { pair: texts, from: 0, to: 1 },
  f1: { pair: classes, from: 0, to: 1 },
  'log-loss': { pair: likely, from: 0, to: Number.POSITIVE_INFINITY },
  'macro-f1': { pair: classes, from: 0, to: 1, options: { classes: 3 } },
  matthews: { pair: classes, from: -1, to: 1 },
  'mean-absolute-error': { pair: numbers, from: 0, to: Number.POSITIVE_INFINITY },
  'mean-iou': { pair: classes, from: 0, to: 1 },
  pearson: { pair: numbers, from: -1, to: 1 },
  perplexity: { pair: likely, from: 1, to: Number.POSITIVE_INFINITY },
  precision: { pair: classes, from: 0, to: 1 },
  'r-squared': { pair: numbers, from: Number.NEGATIVE_INFINITY, to: 1 },
  recall: { pair: classes, from: 0, to: 1 },
  rmse: { pair: numbers, from: 0, to: Number.POSITIVE_INFINITY },
  'span-f1': { pair: labels, from: 0, to: 1 },
  spearman: { pair: numbers, from: -1, to: 1 },
  'top-k-accuracy': { pair: likely, from: 0, to: 1, options: { k: 2 } },
  'word-error-rate': { pair: texts, from: 0, to: Number.POSITIVE_INFINITY },
};

const measured = (metric: Metric, pairs: readonly Pair[]) => {
  for (const [target, prediction] of pairs) metric.update(target, prediction);
  return metric.result();
};

/** Both are NaN, or they differ by no more than rounding. */
const expectSame = (value: number, other: number) => {
  if (Number.isNaN(value)) expect(other).toBeNaN();
  else expect(Math.abs(value - other)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value)));
};

describe.each(metricKinds.kinds().map(({ kind }) => kind))('%s', (kind) => {
  const { pair, from, to, options } = KINDS[kind]!;
  const make = () => metricKinds.build({ kind, ...options });

  it('lies in its bounds, whatever the order, and begins anew when it is reset', () => {
    const examples = fc.array(pair, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(examples, examples, fc.array(fc.nat(), { minLength: 12, maxLength: 12 }), (pairs, before, keys) => {
        const value = measured(make(), pairs);
        if (!Number.isNaN(value)) {
          expect(value).toBeGreaterThanOrEqual(from - 1e-12);
          expect(value).toBeLessThanOrEqual(to + 1e-12);
        }
        const shuffled = pairs.map((example, i) => [keys[i]!, example] as const).sort(([a], [b]) => a - b);
        expectSame(
          value,
          measured(
            make(),
            shuffled.map(([, example]) => example),
          ),
        );
        const used = make();
        measured(used, before);
        used.result();
        used.reset();
        expect(used.result()).toBeNaN();
        expect(measured(used, pairs)).toBe(value);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses a prediction of another kind', () => {
    for (const prediction of [undefined, null, {}, { angle: 3 }, Symbol('odd')])
      for (const target of [1, [1, 0], 'a b', ['O', 'O']])
        expect(() => make().update(target, prediction)).toThrow(expect.objectContaining({ code: 'data' }));
  });
});
