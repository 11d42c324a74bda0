import { describe, expect, it } from 'vitest';
import { isDominated } from '../../../src/study/search/prune.ts';

// One objective more of which is better, and one less of which is.
const objectives = [
  { name: 'accuracy', higherIsBetter: true },
  { name: 'rmse', higherIsBetter: false },
];
const at = (report: number, ...values: readonly (readonly number[])[]) =>
  values.map((value) => ({ [report]: [...value] }));
const better = [0.9, 1] as const;
const worse = [0.1, 9] as const;
/** Better in one objective alone. */
const mixed = [0.9, 9] as const;
const mine = { 1: [0.5, 5], 2: [0.5, 5], 3: [0.5, 5], 9: [0.5, 5] };

describe('a trial with several objectives', () => {
  it('ends by the median when more than half of at least five others beat it in every objective', () => {
    const ends = (...others: readonly (readonly number[])[]) =>
      isDominated('median', 2, mine, at(2, ...others), objectives);
    expect(ends(better, better, better, worse, worse)).toBe(true); // 3 of 5
    expect(ends(better, better, better, mixed, mixed)).toBe(true);
    expect(ends(better, better, mixed, mixed, worse)).toBe(false); // 2 of 5
    expect(ends(better, better, better, worse, worse, worse)).toBe(false); // 3 of 6 is half, not more
    expect(ends(better, better, better, better)).toBe(false); // four are too few to say
    expect(ends([0.5, 1], [0.5, 1], [0.5, 1], [0.5, 1], [0.5, 1])).toBe(false); // equal in one is not beaten
  });

  it('ends by hyperband at the reports 1, 3, 9 alone, when at least two thirds beat it', () => {
    const ends = (report: number, ...others: readonly (readonly number[])[]) =>
      isDominated('hyperband', report, mine, at(report, ...others), objectives);
    expect(ends(1, better, better, worse)).toBe(true); // 2 of 3
    expect(ends(3, better, better, mixed)).toBe(true);
    expect(ends(9, better, better, better, better, worse, worse)).toBe(true); // 4 of 6
    expect(ends(1, better, worse, worse)).toBe(false); // 1 of 3
    expect(ends(1, better, better, worse, worse)).toBe(false); // 2 of 4
    expect(ends(2, better, better, better)).toBe(false); // no rung
    expect(ends(1, better)).toBe(false); // one is too few to say
  });

  it('is held against those alone that have come as far', () => {
    const others = [...at(3, better, better), ...at(1, worse, worse, worse, worse)];
    expect(isDominated('hyperband', 3, mine, others, objectives)).toBe(true);
    expect(isDominated('hyperband', 1, mine, others, objectives)).toBe(false);
  });
});
