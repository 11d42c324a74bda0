import { describe, expect, it } from 'vitest';
import type { TrialOutcome } from '../../../src/study/search/context.ts';
import { summariseSearch, winnerOf, withFront } from '../../../src/study/search/result.ts';
import { bestFirst, searchText } from '../../../src/study/search/tables.ts';

const two = [
  { name: 'a accuracy', higherIsBetter: true },
  { name: 'b rmse', higherIsBetter: false },
];
const one = two.slice(0, 1);

const trial = (number: number, values: readonly number[], state: TrialOutcome['state'] = 'complete'): TrialOutcome => ({
  kind: 'trial',
  number,
  settings: { 'trunk.width': 8 * (number + 1) },
  state,
  values,
  steps: 10,
  seconds: 1,
});

describe('the front of a search', () => {
  it('has the trials that no other one beats, and none that did not reach its end', () => {
    const rows = withFront(
      [trial(0, [0.5, 2]), trial(1, [0.9, 1], 'pruned'), trial(2, [0.6, 3]), trial(3, [0.4, 2])],
      two,
    );
    expect(rows.map(({ front }) => front)).toEqual([true, false, true, false]);
  });
});

describe('the winner', () => {
  it('with one objective is the best', () => {
    const rows = withFront([trial(0, [0.5]), trial(1, [0.8]), trial(2, [0.8]), trial(3, [0.9], 'pruned')], one);
    expect(winnerOf(rows, one).number).toBe(1);
  });

  it('with several is the one of the front whose worst objective is least far from the best', () => {
    // In parts of the range of the front (accuracy 0.5 to 0.9, rmse 1 to 5): regrets 1 and 0; 0.25 and 0.5; 0 and 1; 0.75 and 0.25.
    const rows = withFront([trial(0, [0.5, 1]), trial(1, [0.8, 3]), trial(2, [0.9, 5]), trial(3, [0.6, 2])], two);
    expect(winnerOf(rows, two).number).toBe(1);
  });

  it('is none where no trial reached its end', () => {
    const failed: TrialOutcome = { ...trial(0, []), state: 'failed', message: 'The loss is NaN.' };
    expect(() => winnerOf(withFront([failed], one), one)).toThrow(
      'No trial of the search has reached its end, expected at least one. The first failure: The loss is NaN.',
    );
    expect(() => winnerOf(withFront([trial(0, [1], 'pruned')], one), one)).toThrow('All were ended by search.prune.');
  });
});

describe('the result of a search', () => {
  const context = {
    loaded: { experiment: { name: 'e' } },
    objectives: { list: one },
    store: { importance: async () => ({ 'trunk.width': 1 }) },
  } as never;

  it("tells what was luck: the winner's value in the search against its interval on other seeds", async () => {
    const outcomes = [trial(0, [0.5]), trial(1, [0.9]), trial(2, [0.6], 'pruned')];
    const result = await summariseSearch(context, outcomes, [[0.7], [0.72], [0.74]]);
    // Student's t for 2 degrees of freedom at 95 %: 4.3027; the deviation is 0.02, its mean's 0.02 / sqrt(3).
    expect(result.winner.again[0]!.mean).toBeCloseTo(0.72, 12);
    expect(result.winner.again[0]!.high).toBeCloseTo(0.72 + (4.302653 * 0.02) / Math.sqrt(3), 6);
    expect(result.findings).toEqual([
      '3 trials, 1 ended early. The best is trial 1: trunk.width 16.',
      'a accuracy: 0.9 in the search, 0.72 [0.6703, 0.7697] on 3 other seeds: 0.18 of it was luck.',
    ]);
    expect(bestFirst(result).map(({ number }) => number)).toEqual([1, 0]);
    expect(searchText(result)).toMatch(/^trial +width +a accuracy +steps +seconds +ending\n/);
  });

  it('tells nothing of chance by one seed', async () => {
    const { findings } = await summariseSearch(context, [trial(0, [0.5])], [[0.4]]);
    expect(findings[1]).toBe('a accuracy: 0.5 in the search, 0.4 on 1 other seed.');
  });
});
