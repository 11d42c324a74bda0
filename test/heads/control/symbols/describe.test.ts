import { describe, expect, it } from 'vitest';
import { ActionChoice, playByTables, type RelationRow, RelationTables } from '../../../../heads/control/index.ts';
import { describeRules } from '../../../../heads/control/symbols/describe.ts';
import { readRules, writeRules } from '../../../../heads/control/symbols/rule-list.ts';
import { RandomStream } from '../../../../src/random/index.ts';
import { Gathering } from '../../../../tasks/gathering/game.ts';

const { actions, objectTypes: types } = new Gathering();
const names = { actions, types, reach: 2 };
const row = (type: number, down: number, right: number, values: readonly number[], uses = 1): RelationRow => ({
  ...{ type, down, right, values, uses },
});

/** A cross is worth 1, 0.9 from two steps away; a circle -1. Written by hand: actions are up, right, down, left. */
const byHand: readonly RelationRow[] = [
  row(1, -1, 0, [1, 0, 0, 0]),
  row(1, 0, 1, [0, 1, 0, 0]),
  row(1, 1, 0, [0, 0, 1, 0]),
  row(1, 0, -1, [0, 0, 0, 1]),
  row(1, 0, 2, [0, 0.9, 0, 0], 7),
  row(1, 2, 0, [0.9, 0, 0.8, 0], 1000),
  row(2, -1, 0, [-1, 0, 0, 0]),
  row(2, 0, 1, [0, -1, 0, 0]),
  row(0, 2, 2, [0, 0, 0.01, 0]),
];

describe('rules in words', () => {
  it('say what a table says that was written by hand', () => {
    expect(describeRules(byHand, names)).toEqual([
      'A plus does not matter: touching one is worth 0.00 (seen 1 times in what it learned from).',
      ['  · · · · ·', '  · · · · ·', '  · · @ · ·', '  · · · · ·', '  · · · · ·'].join('\n'),
      'Go to a cross: touching it is worth 1.00, 0.90 from 2 steps away. At 5 of 6 places the best action leads nearer (seen 1,011 times in what it learned from).',
      ['  · · · · ·', '  · · ↑ · ·', '  · ← @ → →', '  · · ↓ · ·', '  · · ↑ · ·'].join('\n'),
      'Never step onto a circle (-1.00). Beyond the neighbouring cell it does not matter: 2 places have one (seen 2 times in what it learned from).',
      ['  · · · · ·', '  · · ! · ·', '  · · @ ! ·', '  · · · · ·', '  · · · · ·'].join('\n'),
    ]);
  });

  it('say that nothing was learned, where nothing was', () => {
    expect(describeRules([], names)).toEqual(['Nothing was learned yet: all values are 0.']);
  });

  it('are those of crosses and circles after 20 episodes of random play', () => {
    const tables = new RelationTables({ actions: 4, reach: 8 });
    const random = new RandomStream(1, 'words');
    const choice = new ActionChoice({ exploration: 1 });
    for (let i = 0; i < 20; i++) playByTables(new Gathering(), { tables, choice, learn: true }, random);
    const [cross, , circle] = describeRules(tables.rows(), { actions, types, reach: 8 });
    const [, worth, two, four, nearer, known] =
      /touching it is worth ([\d.]+), ([\d.]+) from 2 .* ([\d.]+) from 4 steps away\. At (\d+) of (\d+) places/
        .exec(cross!)!
        .map(Number) as number[];
    expect([worth, two]).toEqual([1, 0.9]);
    expect(four).toBeCloseTo(0.73, 1);
    expect(nearer! / known!).toBeGreaterThanOrEqual(0.95);
    expect(known).toBeGreaterThan(200);
    expect(circle).toMatch(
      /^Never step onto a circle \(-1\.00\)\. Beyond the neighbouring cell it does not matter: 4 places/,
    );
  });
});

describe('rules as a list', () => {
  it('are written by names, and read again', () => {
    const list = writeRules(byHand, names);
    expect((list as object[])[4]).toEqual({
      ...{ type: 'cross', down: 0, right: 2, uses: 7 },
      values: { up: 0, right: 0.9, down: 0, left: 0 },
    });
    expect(readRules(JSON.parse(JSON.stringify(list)), names)).toEqual(byHand);
  });

  it('may say less, which is 0', () => {
    const [rule] = readRules([{ type: 'cross', down: 1, right: 0, values: { down: 2 } }], names);
    expect(rule).toEqual(row(1, 1, 0, [0, 0, 2, 0], 0));
  });

  const rule = { type: 'cross', down: 1, right: 0, values: { up: 1 } };
  it.each([
    [7, 'A rule: expected a list of rules, received 7. Write them as they were given.'],
    [[{ ...rule, type: 'star' }], 'expected a type, one of plus, cross, circle, received {"type":"star",'],
    [[{ ...rule, down: 3 }], 'expected "down" and "right" from -2 to 2, received'],
    [[{ ...rule, values: { jump: 1 } }], 'Correct "jump".'],
    [[{ ...rule, values: { up: 'high' } }], 'expected numbers for up, right, down, left, received'],
    [[{ ...rule, uses: -1 }], 'expected a number of "uses" >= 0, received'],
    [[{ ...rule, value: 1 }], 'no more than type, down, right, values and uses, received'],
    [[{ ...rule, values: null }], 'expected "values" by action, such as {"up": 1}, received'],
    [[{ ...rule, values: [1] }], 'Correct "values".'],
    [[rule, rule], 'expected one rule for each type and place, received'],
  ])('are refused where they cannot be meant, case %#', (rules, message) => {
    expect(() => readRules(rules as never, names)).toThrow(message);
  });
});
