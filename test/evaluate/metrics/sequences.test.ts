import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorRate, exactMatch } from '../../../src/evaluate/index.ts';
import { golden } from '../../golden.ts';

interface Case {
  readonly id: string;
  readonly inputs: { readonly references: readonly string[]; readonly hypotheses: readonly string[] };
  readonly value: number;
}
const { sequences } = golden<{ sequences: readonly Case[] }>('metrics');
const symbols = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 8 });

describe('errorRate', () => {
  it.each(sequences)('$id: the value from outside', ({ id, inputs, value }) => {
    const metric = errorRate();
    for (const [i, reference] of inputs.references.entries()) {
      const hypothesis = inputs.hypotheses[i]!;
      if (id === 'wer') metric.update(reference, { text: hypothesis });
      else metric.update([...reference], [...hypothesis]);
    }
    expect(metric.result()).toBeCloseTo(value, 10);
    metric.reset();
    expect(metric.result()).toBeNaN();
  });

  it('is 0 for the target alone, and at most one for each place', () => {
    fc.assert(
      fc.property(symbols, symbols, (target, prediction) => {
        fc.pre(target.length > 0);
        const metric = errorRate();
        metric.update(target, prediction);
        const rate = metric.result();
        expect(rate === 0).toBe(String(target) === String(prediction));
        expect(rate).toBeLessThanOrEqual(Math.max(target.length, prediction.length) / target.length);
        expect(rate).toBeGreaterThanOrEqual(Math.abs(target.length - prediction.length) / target.length);
      }),
    );
  });
});

describe('exactMatch', () => {
  it('counts sequences that are right as a whole', () => {
    const metric = exactMatch();
    for (const [target, prediction] of [
      ['a b', 'a  b '],
      ['a b', 'a'],
      ['a', 'a b'],
      ['a b', 'b a'],
    ] as const)
      metric.update(target, { text: prediction });
    expect(metric.result()).toBe(0.25);
    metric.update([1, 2], [1, 2]);
    expect(metric.result()).toBe(0.4);
    metric.reset();
    expect(metric.result()).toBeNaN();
  });

  it('refuses what is no sequence', () => {
    expect(() => exactMatch().update('a', 3 as never)).toThrow(
      'A metric of sequences was given 3, expected a text, a list of symbols, or a prediction with a text or labels. Use it for a head that writes, or one that labels each place.',
    );
  });
});
